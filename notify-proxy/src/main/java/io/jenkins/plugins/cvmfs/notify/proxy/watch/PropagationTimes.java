package io.jenkins.plugins.cvmfs.notify.proxy.watch;

import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.proxy.watch.ReplicaStatus.Percentiles;
import io.jenkins.plugins.cvmfs.notify.proxy.watch.ReplicaStatus.Propagation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The propagation times of the last revisions, with their median and 95th percentile. Thread-safe. */
final class PropagationTimes {

    private static final int FIRST_ROOM = 4;

    private final int capacity;
    private Revision[] revisions = new Revision[FIRST_ROOM];
    private int[] millis = new int[FIRST_ROOM];
    private int[] withinMillis = new int[FIRST_ROOM];
    private int size;
    private int next;
    private Optional<Percentiles> percentiles = Optional.empty();

    /** @param capacity how many are kept; the oldest gives way */
    PropagationTimes(int capacity) {
        this.capacity = capacity;
    }

    synchronized void add(Propagation added) {
        if (size == millis.length && size < capacity) {
            int room = Math.min(capacity, 2 * size);
            revisions = Arrays.copyOf(revisions, room);
            millis = Arrays.copyOf(millis, room);
            withinMillis = Arrays.copyOf(withinMillis, room);
        }
        revisions[next] = added.revision();
        millis[next] = clamped(added.time());
        withinMillis[next] = clamped(added.within());
        next = (next + 1) % capacity;
        size = Math.min(size + 1, capacity);
        int[] sorted = Arrays.copyOf(millis, size);
        Arrays.sort(sorted);
        percentiles = Optional.of(new Percentiles(size, rank(sorted, 50), rank(sorted, 95)));
    }

    private static int clamped(Duration time) {
        return (int) Math.max(0, Math.min(Integer.MAX_VALUE, time.toMillis()));
    }

    /** By the nearest rank: the least time that so many in 100 do not exceed. */
    private static Duration rank(int[] sorted, int percent) {
        return Duration.ofMillis(sorted[(sorted.length * percent + 99) / 100 - 1]);
    }

    /** Returns the percentiles; empty without a time. */
    synchronized Optional<Percentiles> percentiles() {
        return percentiles;
    }

    synchronized List<Propagation> newestFirst() {
        List<Propagation> times = new ArrayList<>();
        for (int i = 1; i <= size; i++) {
            int at = Math.floorMod(next - i, capacity);
            times.add(
                    new Propagation(revisions[at], Duration.ofMillis(millis[at]), Duration.ofMillis(withinMillis[at])));
        }
        return times;
    }
}
