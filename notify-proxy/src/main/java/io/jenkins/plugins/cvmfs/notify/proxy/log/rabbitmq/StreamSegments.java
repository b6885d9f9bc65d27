package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

/** A stream drops its oldest part a whole segment at a time, so it must have several to keep to its limit. */
public final class StreamSegments {

    private static final long LARGEST = 64L * 1024 * 1024;
    private static final int AT_LEAST = 8;

    private StreamSegments() {}

    /** How long a segment is to be, in bytes, in a stream that keeps so many. */
    public static long bytes(long streamMaxBytes) {
        return Math.min(LARGEST, streamMaxBytes / AT_LEAST);
    }
}
