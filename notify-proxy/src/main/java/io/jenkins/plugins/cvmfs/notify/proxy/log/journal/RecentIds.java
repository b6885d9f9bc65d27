package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.UUID;
import java.util.function.LongSupplier;

/**
 * The ids of the publishes recorded last, so that one which arrives again is dropped: those of the time in which a publish may be sent
 * again, and never fewer than a number that costs little. Bounded: when more come in that time than there is room for, the oldest are
 * forgotten early, and counted. From any thread.
 *
 * <p>Kept in arrays, which grow: the garbage collector would copy so many long-lived objects, each several times.
 */
final class RecentIds {

    private static final int FIRST_ROOM = 64;
    private static final int FREE = 0;

    /**
     * The number of ids to remember.
     *
     * @param atLeast however old they are
     * @param time ids that are younger than this are remembered too
     * @param atMost however young they are
     */
    record Retention(int atLeast, Duration time, int atMost) {}

    private final Retention retention;
    private final LongSupplier nanoTime;
    private final Counter forgottenEarly;
    /** Two numbers for each id, in a ring, in the order they came. */
    private long[] ids;
    /** When each came. */
    private long[] nanos;
    /** A hash table with linear probing: one more than the place among the ids. */
    private int[] slots;

    private int size;
    private int oldest;

    /** @param nanoTime a clock such as {@link System#nanoTime} */
    RecentIds(Retention retention, LongSupplier nanoTime, MeterRegistry meters) {
        this.retention = retention;
        this.nanoTime = nanoTime;
        this.forgottenEarly = Counter.builder("cvmfs_notify_log_ids_forgotten_early")
                .description("Publishes whose ids were forgotten while they might still arrive once more")
                .register(meters);
        int room = Math.min(retention.atMost(), FIRST_ROOM);
        this.ids = new long[2 * room];
        this.nanos = new long[room];
        this.slots = slotsFor(ids);
        Gauge.builder("cvmfs_notify_log_ids", this, seen -> seen.size)
                .description("Publishes whose ids are remembered, to notice one that arrives once more")
                .register(meters);
    }

    /** A power of two, and at least half of them free. */
    private static int[] slotsFor(long[] ids) {
        return new int[2 * Integer.highestOneBit(ids.length)];
    }

    synchronized boolean contains(UUID id) {
        return slots[slotOf(id.getMostSignificantBits(), id.getLeastSignificantBits())] != FREE;
    }

    synchronized void add(UUID id) {
        if (contains(id)) {
            return;
        }
        long now = nanoTime.getAsLong();
        makeRoom(now);
        int place = (oldest + size) % nanos.length;
        ids[2 * place] = id.getMostSignificantBits();
        ids[2 * place + 1] = id.getLeastSignificantBits();
        nanos[place] = now;
        slots[slotOf(ids[2 * place], ids[2 * place + 1])] = place + 1;
        size++;
    }

    private void makeRoom(long now) {
        // Two for each that comes: so old ids are removed, but never many at once.
        for (int i = 0; i < 2 && size >= retention.atLeast() && isOld(now); i++) {
            forgetOldest();
        }
        if (size == retention.atMost()) {
            if (!isOld(now)) {
                forgottenEarly.increment();
            }
            forgetOldest();
        } else if (size == nanos.length) {
            grow();
        }
    }

    private boolean isOld(long now) {
        return now - nanos[oldest] > retention.time().toNanos();
    }

    private void forgetOldest() {
        forget(oldest);
        oldest = (oldest + 1) % nanos.length;
        size--;
    }

    private void grow() {
        int room = Math.min(retention.atMost(), 2 * nanos.length);
        long[] grownIds = new long[2 * room];
        long[] grownNanos = new long[room];
        for (int i = 0; i < size; i++) {
            int place = (oldest + i) % nanos.length;
            grownIds[2 * i] = ids[2 * place];
            grownIds[2 * i + 1] = ids[2 * place + 1];
            grownNanos[i] = nanos[place];
        }
        ids = grownIds;
        nanos = grownNanos;
        oldest = 0;
        slots = slotsFor(ids);
        for (int place = 0; place < size; place++) {
            slots[slotOf(ids[2 * place], ids[2 * place + 1])] = place + 1;
        }
    }

    /** Returns the slot of an id, or the one where it would be put. */
    private int slotOf(long high, long low) {
        int slot = home(high, low);
        while (slots[slot] != FREE && !isAt(slots[slot] - 1, high, low)) {
            slot = after(slot);
        }
        return slot;
    }

    private boolean isAt(int place, long high, long low) {
        return ids[2 * place] == high && ids[2 * place + 1] == low;
    }

    private int home(long high, long low) {
        long mixed = (high ^ Long.rotateLeft(low, 32)) * 0x9E37_79B9_7F4A_7C15L;
        return (int) (mixed >>> 32) & (slots.length - 1);
    }

    private int after(int slot) {
        return (slot + 1) & (slots.length - 1);
    }

    /** Moves those behind it up, so that each is still found from where its search begins. */
    private void forget(int place) {
        int hole = slotOf(ids[2 * place], ids[2 * place + 1]);
        for (int slot = after(hole); slots[slot] != FREE; slot = after(slot)) {
            int other = slots[slot] - 1;
            if (distance(home(ids[2 * other], ids[2 * other + 1]), slot) >= distance(hole, slot)) {
                slots[hole] = slots[slot];
                hole = slot;
            }
        }
        slots[hole] = FREE;
    }

    private int distance(int from, int to) {
        return (to - from) & (slots.length - 1);
    }
}
