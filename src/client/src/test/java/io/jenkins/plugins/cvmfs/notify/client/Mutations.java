package io.jenkins.plugins.cvmfs.notify.client;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Damaged copies of a good input, the same ones at each run: bytes changed, cut out, doubled, moved and put in, up to a handful
 * of times each. The profile {@code abuse} makes many times as many.
 */
public final class Mutations {

    private static final int FACTOR = Integer.getInteger("abuse.factor", 1);
    private static final int MOST_CHANGES = 6;

    /** Makes seeds that lie close together far apart: else they would begin alike. */
    private static final long SPREAD = 0x9E3779B97F4A7C15L;

    /** What means something to one of the parsers. */
    private static final byte[] DELICATE = {
        0, '\n', '\r', '-', ' ', '"', '\\', '{', '[', '=', '9', (byte) 0xc3, (byte) 0xff
    };

    private final Random random;

    private Mutations(Random random) {
        this.random = random;
    }

    /** So many damaged copies, or {@link #times} as many, each made when it is asked for. */
    public static List<byte[]> of(byte[] good, int count, long seed) {
        return new AbstractList<>() {
            @Override
            public byte[] get(int index) {
                return new Mutations(new Random((seed << 32 | index) * SPREAD)).damage(good);
            }

            @Override
            public int size() {
                return times(count);
            }
        };
    }

    /** What so many of the usual number are when there are more of them. */
    public static int times(int count) {
        return count * FACTOR;
    }

    private byte[] damage(byte[] good) {
        byte[] bytes = good;
        for (int left = 1 + random.nextInt(MOST_CHANGES); left > 0; left--) {
            int at = random.nextInt(bytes.length + 1);
            int end = Math.min(bytes.length, at + 1 + random.nextInt(8));
            bytes = switch (random.nextInt(5)) {
                case 0 -> splice(bytes, at, at, delicate());
                case 1 -> splice(bytes, at, Math.min(at + 1, bytes.length), (byte) random.nextInt(256));
                case 2 -> splice(bytes, at, end);
                case 3 -> splice(bytes, end, end, Arrays.copyOfRange(bytes, at, end));
                default -> splice(bytes, at, bytes.length);
            };
        }
        return bytes;
    }

    private byte delicate() {
        return DELICATE[random.nextInt(DELICATE.length)];
    }

    private static byte[] splice(byte[] bytes, int from, int to, byte... instead) {
        byte[] result = new byte[bytes.length - (to - from) + instead.length];
        System.arraycopy(bytes, 0, result, 0, from);
        System.arraycopy(instead, 0, result, from, instead.length);
        System.arraycopy(bytes, to, result, from + instead.length, bytes.length - to);
        return result;
    }
}
