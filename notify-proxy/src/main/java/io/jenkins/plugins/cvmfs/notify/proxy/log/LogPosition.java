package io.jenkins.plugins.cvmfs.notify.proxy.log;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The position of an announcement in the activity log; also the event id of server-sent events, as {@code epoch:offset}.
 *
 * @param epoch names the log: offsets of different epochs cannot be compared. Lower-case letters and digits, at most 32
 * @param offset grows by at least one with each announcement of the epoch
 */
public record LogPosition(String epoch, long offset) {

    private static final Pattern EPOCH = Pattern.compile("[a-z0-9]{1,32}");
    private static final Pattern TEXT = Pattern.compile("(" + EPOCH + "):([0-9]{1,18})");

    /** Returns whether this is a valid epoch. One from another program must be checked: it is written into event streams. */
    public static boolean isEpoch(String text) {
        return EPOCH.matcher(text).matches();
    }

    /** Parses what {@link #toString()} writes; empty if it is anything else. */
    public static Optional<LogPosition> parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        return matcher.matches()
                ? Optional.of(new LogPosition(matcher.group(1), Long.parseLong(matcher.group(2))))
                : Optional.empty();
    }

    @Override
    public String toString() {
        return epoch + ":" + offset;
    }
}
