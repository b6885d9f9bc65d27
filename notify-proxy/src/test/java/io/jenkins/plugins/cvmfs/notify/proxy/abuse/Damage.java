package io.jenkins.plugins.cvmfs.notify.proxy.abuse;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Makes one bad input from good ones: up to a handful of changes, all chosen by the random numbers it is given. */
final class Damage {

    private static final int MOST_CHANGES = 6;
    private static final int MOST_REPEATS = 64;
    private static final int LONGEST_INPUT = 64 * 1024;

    /** Where implementations of numbers end, and one beside it. */
    private static final List<String> NUMBERS = List.of(
            "0",
            "-1",
            "00",
            "127",
            "128",
            "255",
            "65535",
            "65536",
            "2147483647",
            "2147483648",
            "4294967296",
            "9223372036854775807",
            "9223372036854775808",
            "18446744073709551615",
            "18446744073709551616",
            "1e999999999",
            "0x10",
            "9".repeat(400));

    private static final List<byte[]> DELICATE = List.of(
            new byte[] {0},
            new byte[] {(byte) 0xff},
            new byte[] {(byte) 0x80},
            // UTF-8: cut off, overlong, half of a surrogate pair, beyond Unicode, byte order mark, line separator.
            new byte[] {(byte) 0xc3},
            new byte[] {(byte) 0xc0, (byte) 0x80},
            new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
            new byte[] {(byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80},
            new byte[] {(byte) 0xef, (byte) 0xbb, (byte) 0xbf},
            new byte[] {(byte) 0xe2, (byte) 0x80, (byte) 0xa8},
            bytes("\n"),
            bytes("\r"),
            bytes("\r\n"),
            bytes("\""),
            bytes("\\"),
            bytes("\\ud800"),
            bytes("\\u0000"),
            bytes("%00"),
            bytes("%"),
            bytes("${x}"),
            bytes("{}"),
            bytes(" "));

    private final List<byte[]> good;
    private final List<byte[]> words;

    /** @param words what means something in these inputs, beyond what means something in many */
    Damage(List<byte[]> good, List<byte[]> words) {
        this.good = good;
        this.words = words;
    }

    byte[] next(Random random) {
        byte[] bytes = pick(good, random);
        for (int left = 1 + random.nextInt(1 + random.nextInt(MOST_CHANGES)); left > 0; left--) {
            bytes = change(bytes, random);
        }
        return bytes.length <= LONGEST_INPUT ? bytes : Arrays.copyOf(bytes, LONGEST_INPUT);
    }

    private byte[] change(byte[] bytes, Random random) {
        int at = random.nextInt(bytes.length + 1);
        int end = Math.min(bytes.length, at + 1 + random.nextInt(random.nextInt(4) == 0 ? 200 : 8));
        return switch (random.nextInt(11)) {
            case 0 -> flipBit(bytes, random);
            case 1 -> replace(bytes, at, Math.min(at + 1, bytes.length), new byte[] {(byte) random.nextInt(256)});
            case 2 -> replace(bytes, at, end, new byte[0]);
            case 3 -> replace(bytes, at, at, repeated(Arrays.copyOfRange(bytes, at, end), random));
            case 4 -> joined(bytes, at, random);
            case 5 -> Arrays.copyOf(bytes, at);
            case 6 -> replace(bytes, at, random.nextBoolean() ? at : end, pick(DELICATE, random));
            case 7 -> otherNumber(bytes, at, random);
            case 8 -> replace(bytes, at, at, repeated(words.isEmpty() ? bytes("[") : pick(words, random), random));
            case 9 -> replace(bytes, at, at, noise(random));
            default ->
                replace(bytes, at, random.nextBoolean() ? at : end, pick(words.isEmpty() ? good : words, random));
        };
    }

    private static byte[] flipBit(byte[] bytes, Random random) {
        byte[] flipped = bytes.clone();
        if (flipped.length > 0) {
            flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return flipped;
    }

    private static byte[] repeated(byte[] part, Random random) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int left = 1 + random.nextInt(MOST_REPEATS); left > 0; left--) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** The beginning of one and the end of another. */
    private byte[] joined(byte[] bytes, int at, Random random) {
        byte[] other = pick(good, random);
        return replace(
                bytes, at, bytes.length, Arrays.copyOfRange(other, random.nextInt(other.length + 1), other.length));
    }

    /** Puts another number in the place of the first one from here on. */
    private static byte[] otherNumber(byte[] bytes, int at, Random random) {
        int start = at;
        while (start < bytes.length && !isDigit(bytes[start])) {
            start++;
        }
        int end = start;
        while (end < bytes.length && isDigit(bytes[end])) {
            end++;
        }
        return replace(bytes, start, end, bytes(NUMBERS.get(random.nextInt(NUMBERS.size()))));
    }

    private static byte[] noise(Random random) {
        byte[] noise = new byte[1 + random.nextInt(16)];
        random.nextBytes(noise);
        return noise;
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    private static byte[] pick(List<byte[]> from, Random random) {
        return from.get(random.nextInt(from.size()));
    }

    private static byte[] bytes(String latin1) {
        return latin1.getBytes(ISO_8859_1);
    }

    private static byte[] replace(byte[] bytes, int from, int to, byte[] instead) {
        byte[] result = Arrays.copyOf(bytes, from + instead.length + bytes.length - to);
        System.arraycopy(instead, 0, result, from, instead.length);
        System.arraycopy(bytes, to, result, from + instead.length, bytes.length - to);
        return result;
    }
}
