package io.jenkins.plugins.cvmfs.notify.load.generator;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.util.Base64;

/**
 * Activity messages of one repository that carry numbers at fixed places, so that a receiver finds them without reading the rest: the
 * run (8 hex digits), the repository (6 digits), the sequence (10 digits, from {@value #FIRST}, also the manifest's revision), and the
 * nanosecond when it was due (19 digits), of the clock that all processes of a machine share.
 */
public final class Numbered {

    /** Has all of its ten digits. */
    public static final long FIRST = 1_000_000_001;

    private static final String START = "{\"n\":\"";
    private static final int REPOSITORY_AT = START.length() + 8 + 1;
    private static final int REPOSITORY_DIGITS = 6;
    private static final int SEQUENCE_AT = REPOSITORY_AT + REPOSITORY_DIGITS + 1;
    private static final int SEQUENCE_DIGITS = 10;
    private static final int DUE_AT = SEQUENCE_AT + SEQUENCE_DIGITS + 1;
    private static final int DUE_DIGITS = 19;
    private static final int BYTES = 1025;
    private static final String ROOT =
            "C2b3f2c1b8f3a4d5e6f708192a3b4c5d6e7f80912\nB4096\nRd41d8cd98f00b204e9800998ecf8427e\nD240\nS";
    /** As long as that of a real manifest. */
    private static final int SIGNATURE_BYTES = 256;

    /** A message and its manifest, with zeros instead of the numbers that differ. */
    private final byte[] message = new byte[BYTES];

    private final byte[] manifest;
    private final int manifestAt;

    /**
     * @param run tells this run's messages from those of others
     * @param repository its number
     */
    public Numbered(int run, int repository) {
        String name = repository(repository);
        byte[] text = (ROOT + "%010d\nN%s\n--\n0123456789abcdef0123456789abcdef01234567\n".formatted(0, name))
                .getBytes(US_ASCII);
        this.manifest =
                ByteBuffer.allocate(text.length + SIGNATURE_BYTES).put(text).array();
        String before = START + "%08x-%06d-%010d-%019d\",".formatted(run, repository, 0, 0)
                + "\"version\":1,\"timestamp\":\"23 Nov 2026 21:13:15\",\"type\":\"activity\",\"repository\":\"" + name
                + "\",\"manifest\":\"";
        this.manifestAt = before.length();
        String start = before + Base64.getEncoder().encodeToString(manifest) + "\",\"filler\":\"";
        ByteBuffer.wrap(message).put((start + "x".repeat(BYTES - start.length() - 2) + "\"}").getBytes(US_ASCII));
    }

    /** The name of a repository by its number. */
    public static String repository(int number) {
        return "r%06d.load.example.org".formatted(number);
    }

    /** Returns a message that is to be sent at this time. */
    public byte[] message(long sequence, long dueNanos) {
        byte[] next = message.clone();
        put(sequence, next, SEQUENCE_AT, SEQUENCE_DIGITS);
        put(dueNanos, next, DUE_AT, DUE_DIGITS);
        put(sequence, manifest, ROOT.length(), SEQUENCE_DIGITS);
        byte[] encoded = Base64.getEncoder().encode(manifest);
        System.arraycopy(encoded, 0, next, manifestAt, encoded.length);
        return next;
    }

    private static void put(long value, byte[] to, int at, int count) {
        long rest = value;
        for (int i = at + count - 1; i >= at; i--) {
            to[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }

    /** The sequence in the message that starts here; negative if it is none of these. */
    public static long sequence(ByteBuffer buffer, int start) {
        return digits(buffer, start + SEQUENCE_AT, SEQUENCE_DIGITS);
    }

    /** The time when the message that starts here was due. */
    public static long dueNanos(ByteBuffer buffer, int start) {
        return digits(buffer, start + DUE_AT, DUE_DIGITS);
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
