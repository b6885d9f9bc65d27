package io.jenkins.plugins.cvmfs.notify.proxy.log;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The position of an announcement in the activity log; also the event id of server-sent events, as {@code epoch:offset}. A proxy delivers
 * what it has published to a stream before it knows the offset; until that is known, the position is that of the last message it has read,
 * and a number behind it: {@code epoch:offset.ahead}. A subscriber that continues after it misses nothing, and gets that announcement
 * again.
 *
 * @param epoch names the log: offsets of different epochs cannot be compared. Lower-case letters and digits, at most 32
 * @param offset grows by at least one with each announcement of the epoch whose offset is known
 * @param ahead 0 if the offset is that of the announcement, else different for each that this proxy delivers ahead of the log
 */
public record LogPosition(String epoch, long offset, long ahead) {

    private static final Pattern EPOCH = Pattern.compile("[a-z0-9]{1,32}");
    private static final String NUMBER = "([0-9]{1,18})";
    private static final Pattern TEXT = Pattern.compile("(" + EPOCH + "):" + NUMBER + "(?:\\." + NUMBER + ")?");

    /** The position of an announcement whose offset is known. */
    public LogPosition(String epoch, long offset) {
        this(epoch, offset, 0);
    }

    /** Returns whether this is a valid epoch. One from another program must be checked: it is written into event streams. */
    public static boolean isEpoch(String text) {
        return EPOCH.matcher(text).matches();
    }

    /** Parses what {@link #toString()} writes; empty if it is anything else. */
    public static Optional<LogPosition> parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        return matcher.matches()
                ? Optional.of(new LogPosition(
                        matcher.group(1),
                        Long.parseLong(matcher.group(2)),
                        matcher.group(3) == null ? 0 : Long.parseLong(matcher.group(3))))
                : Optional.empty();
    }

    /** Returns whether a subscriber that has everything up to that position may lack the announcement at this one. */
    public boolean isPerhapsAfter(LogPosition other) {
        return ahead > 0 || offset > other.offset || !epoch.equals(other.epoch);
    }

    @Override
    public String toString() {
        return epoch + ":" + offset + (ahead > 0 ? "." + ahead : "");
    }
}
