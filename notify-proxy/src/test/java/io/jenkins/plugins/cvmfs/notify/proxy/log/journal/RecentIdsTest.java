package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.RecentIds.Retention;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is remembered for how long; and against a model, the last so many ids in a queue. */
class RecentIdsTest {

    private static final int ADDED = 5000;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private long nanos;

    private RecentIds seenIds(Retention retention) {
        return new RecentIds(retention, () -> nanos, meters);
    }

    private double forgottenEarly() {
        return meters.get("cvmfs_notify_log_ids_forgotten_early").counter().count();
    }

    /** At 40,000 a second the last 128 Ki were those of 3.3 s: a publish that was sent again after 10 s came twice. */
    @Test
    void everyIdIsKnownForTheWholeTimeInWhichItMayComeAgainHoweverManyCome() {
        RecentIds seen = seenIds(new Retention(100, Duration.ofSeconds(20), 1_000_000));
        for (int i = 0; i < 400_000; i++) {
            nanos += Duration.ofSeconds(1).toNanos() / 40_000;
            seen.add(new UUID(7, i));
        }

        nanos += Duration.ofSeconds(10).toNanos();
        assertThat(IntStream.range(0, 400_000)).allMatch(i -> seen.contains(new UUID(7, i)));
        assertThat(forgottenEarly()).isZero();
    }

    @Test
    void idsThatCannotComeAgainGiveTheirPlaceToOthers() {
        RecentIds seen = seenIds(new Retention(100, Duration.ofSeconds(20), 1_000_000));
        for (int i = 0; i < 100_000; i++) {
            nanos += Duration.ofSeconds(1).toNanos() / 1_000;
            seen.add(new UUID(7, i));
        }

        assertThat(meters.get("cvmfs_notify_log_ids").gauge().value()).isBetween(20_000.0, 20_002.0);
        nanos += Duration.ofHours(1).toNanos();
        IntStream.range(0, 30_000).forEach(i -> seen.add(new UUID(8, i)));
        assertThat(meters.get("cvmfs_notify_log_ids").gauge().value()).isEqualTo(30_000);
        assertThat(seen.contains(new UUID(7, 99_999))).isFalse();
    }

    @Test
    void moreIdsThanThereIsRoomForAreForgottenEarlyAndCounted() {
        RecentIds seen = seenIds(new Retention(10, Duration.ofSeconds(20), 1_000));

        IntStream.range(0, 1_500).forEach(i -> seen.add(new UUID(7, i)));

        assertThat(seen.contains(new UUID(7, 499))).isFalse();
        assertThat(seen.contains(new UUID(7, 500))).isTrue();
        assertThat(forgottenEarly()).isEqualTo(500);
    }

    private final Random random = new Random(7);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 63, 64, 65, 100, 128, 1000})
    void theLastOnesAreKnownAndNoOthers(int capacity) {
        RecentIds seen = seenIds(new Retention(capacity, Duration.ZERO, capacity));
        Deque<UUID> last = new ArrayDeque<>();

        for (int i = 0; i < ADDED; i++) {
            UUID id = i % 2 == 0 ? new UUID(random.nextLong(), random.nextLong()) : new UUID(3, i);
            seen.add(id);
            last.add(id);
            if (last.size() > capacity) {
                assertThat(seen.contains(last.remove())).isFalse();
            }
            if (i % 100 == 0) {
                assertThat(last).allMatch(seen::contains);
            }
        }

        assertThat(last).allMatch(seen::contains);
        assertThat(seen.contains(new UUID(1, 1))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 100})
    void whatIsAddedAgainTakesNobodysPlace(int capacity) {
        RecentIds seen = seenIds(new Retention(capacity, Duration.ZERO, capacity));
        for (int i = 0; i < capacity; i++) {
            seen.add(new UUID(0, i));
        }

        for (int i = 0; i < capacity; i++) {
            seen.add(new UUID(0, capacity - 1));
        }

        assertThat(seen.contains(new UUID(0, 0))).isTrue();
    }

    /** All of them begin their search at a few places, so that each removal must move others up. */
    @ParameterizedTest
    @ValueSource(ints = {50, 64})
    void idsThatCollideAreToldApart(int capacity) {
        RecentIds seen = seenIds(new Retention(capacity, Duration.ZERO, capacity));
        Deque<UUID> last = new ArrayDeque<>();

        for (int i = 0; i < ADDED; i++) {
            // high ^ rotated low is the same for all of one i % 3
            UUID id = new UUID(Long.rotateLeft(i, 32) ^ (i % 3), i);
            seen.add(id);
            last.add(id);
            if (last.size() > capacity) {
                assertThat(seen.contains(last.remove())).isFalse();
            }
            assertThat(last).allMatch(seen::contains);
        }
    }
}
