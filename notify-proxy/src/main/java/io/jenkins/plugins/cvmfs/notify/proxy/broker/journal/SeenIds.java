package io.jenkins.plugins.cvmfs.notify.proxy.broker.journal;

import java.util.Arrays;
import java.util.UUID;

/**
 * The publishes recorded last, so that one which arrives again is noticed. Bounded: the oldest are forgotten first, long after
 * the last retry of their publish.
 *
 * <p>Kept in two arrays: objects that live as long as this many publishes would be copied by the garbage collector, each several
 * times. The arrays grow with what is in them.
 */
final class SeenIds {

    private static final int FIRST_ROOM = 64;
    private static final int FREE = 0;

    private final int capacity;
    /** Two numbers for each id, in the order they came; once it is full, the next one takes the oldest one's place. */
    private long[] ids;
    /** A hash table with linear probing: one more than the place among the ids. */
    private int[] slots;

    private int size;
    private int next;

    /** @param capacity how many are remembered */
    SeenIds(int capacity) {
        this.capacity = capacity;
        this.ids = new long[2 * Math.min(capacity, FIRST_ROOM)];
        this.slots = slotsFor(ids);
    }

    /** A power of two, and at least half of them free. */
    private static int[] slotsFor(long[] ids) {
        return new int[2 * Integer.highestOneBit(ids.length)];
    }

    boolean contains(UUID id) {
        return slots[slotOf(id.getMostSignificantBits(), id.getLeastSignificantBits())] != FREE;
    }

    void add(UUID id) {
        if (contains(id)) {
            return;
        }
        if (size == capacity) {
            forget(next);
        } else if (2 * size == ids.length) {
            grow();
        }
        ids[2 * next] = id.getMostSignificantBits();
        ids[2 * next + 1] = id.getLeastSignificantBits();
        slots[slotOf(ids[2 * next], ids[2 * next + 1])] = next + 1;
        size = Math.min(capacity, size + 1);
        next = (next + 1) % capacity;
    }

    private void grow() {
        ids = Arrays.copyOf(ids, Math.min(2 * capacity, 2 * ids.length));
        slots = slotsFor(ids);
        for (int place = 0; place < size; place++) {
            slots[slotOf(ids[2 * place], ids[2 * place + 1])] = place + 1;
        }
    }

    /** Where an id is, or else would be put. */
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

    /** Those behind it move up, so that none is cut off from where its search begins. */
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
