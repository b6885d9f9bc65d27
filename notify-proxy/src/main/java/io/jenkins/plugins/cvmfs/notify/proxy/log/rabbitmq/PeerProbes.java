package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The probe keys of other proxies on the stream, and when each was read last. A proxy that ends unbinds its key; one that is killed cannot,
 * and without a state folder it has another key at its next start. So the others unbind the keys that have become silent. If one of them
 * is in use after all, its proxy's next probe is returned, and it binds its keys again.
 *
 * <p>It outlasts sessions: a stream is read on from where the last session ended. The reader's thread notes keys, the broker thread asks.
 */
final class PeerProbes {

    /** Probes that may be missing, so that neither a slow broker nor a restart of a proxy makes its key silent. */
    static final int MISSING_PROBES = 30;

    /** Keys noted at a time; others are noted when there is room again. Old ones stand in the stream too, all of them silent soon. */
    static final int CAPACITY = 10_000;

    private final long silentNanos;
    private final LongSupplier nanoTime;
    /** By the time of the last probe, the oldest first. */
    private final Map<String, Long> readNanos = new LinkedHashMap<>();

    /**
     * @param interval how often a proxy probes
     * @param nanoTime a clock such as {@link System#nanoTime}
     */
    PeerProbes(Duration interval, LongSupplier nanoTime) {
        this.silentNanos = interval.multipliedBy(MISSING_PROBES).toNanos();
        this.nanoTime = nanoTime;
    }

    /** Notes that a probe with this key was read. */
    synchronized void read(String key) {
        if (readNanos.remove(key) != null || readNanos.size() < CAPACITY) {
            readNanos.put(key, nanoTime.getAsLong());
        }
    }

    /** Returns keys that have become silent, each once and the oldest first. */
    synchronized List<String> takeSilent(int most) {
        List<String> silent = new ArrayList<>();
        Iterator<Map.Entry<String, Long>> oldest = readNanos.entrySet().iterator();
        while (oldest.hasNext() && silent.size() < most) {
            Map.Entry<String, Long> next = oldest.next();
            if (nanoTime.getAsLong() - next.getValue() <= silentNanos) {
                break;
            }
            silent.add(next.getKey());
            oldest.remove();
        }
        return silent;
    }
}
