package io.jenkins.plugins.cvmfs.notify.load.generator;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.util.Base64;

/**
 * Activity messages that carry a number at a fixed place, so that a receiver finds it without reading the rest: the run
 * (8 hex digits), the repository (6 digits), the sequence in that repository (10 digits, from 1, also the manifest's revision).
 */
public final class Numbered {

    private static final String START = "{\"n\":\"";
    private static final int REPOSITORY_AT = START.length() + 8 + 1;
    private static final int REPOSITORY_DIGITS = 6;
    private static final int SEQUENCE_AT = REPOSITORY_AT + REPOSITORY_DIGITS + 1;
    private static final int SEQUENCE_DIGITS = 10;
    /** As long as that of a real manifest. */
    private static final byte[] SIGNATURE = new byte[256];

    /** The length of every message. */
    public static final int BYTES = 1025;

    private final String run;

    /** @param run tells this run's messages from those of others */
    public Numbered(int run) {
        this.run = "%08x".formatted(run);
    }

    /** The name of a repository by its number. */
    public static String repository(int number) {
        return "r%06d.load.example.org".formatted(number);
    }

    public byte[] message(int repository, long sequence) {
        String name = repository(repository);
        String manifest = Base64.getEncoder().encodeToString(manifest(name, sequence));
        String json = START + run + "-%06d-%010d\",".formatted(repository, sequence)
                + "\"version\":1,\"timestamp\":\"23 Nov 2026 21:13:15\",\"type\":\"activity\",\"repository\":\"" + name
                + "\",\"manifest\":\"" + manifest + "\",\"filler\":\"";
        int missing = BYTES - json.length() - 2;
        return (json + "x".repeat(Math.max(0, missing)) + "\"}").getBytes(US_ASCII);
    }

    private static byte[] manifest(String name, long sequence) {
        String text = "C2b3f2c1b8f3a4d5e6f708192a3b4c5d6e7f80912\nB4096\nRd41d8cd98f00b204e9800998ecf8427e\nD240\nS"
                + sequence + "\nN" + name + "\n--\n0123456789abcdef0123456789abcdef01234567\n";
        byte[] head = text.getBytes(US_ASCII);
        return ByteBuffer.allocate(head.length + SIGNATURE.length)
                .put(head)
                .put(SIGNATURE)
                .array();
    }

    /** The sequence in the message that starts here; negative if it is none of these. */
    public static long sequence(ByteBuffer buffer, int start) {
        return digits(buffer, start + SEQUENCE_AT, SEQUENCE_DIGITS);
    }

    /** The repository's number in the message that starts here. */
    public static int repository(ByteBuffer buffer, int start) {
        return (int) digits(buffer, start + REPOSITORY_AT, REPOSITORY_DIGITS);
    }

    private static long digits(ByteBuffer buffer, int at, int count) {
        if (at + count > buffer.limit()) {
            return -1;
        }
        long value = 0;
        for (int i = at; i < at + count; i++) {
            int digit = buffer.get(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }
}
