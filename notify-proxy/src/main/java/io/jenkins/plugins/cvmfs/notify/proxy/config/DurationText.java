package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The text form of durations, in the configuration and on the command line: {@code 250ms}, {@code 10s}, {@code 2m}, {@code 1h}. */
public final class DurationText {

    static final String EXPECTED = "a duration such as 10 (seconds), \"250ms\", \"10s\", \"2m\" or \"1h\"";

    private static final Pattern TEXT = Pattern.compile("([0-9]{1,9})(ms|s|m|h)?");
    private static final Map<String, Long> MILLIS = Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L);

    private DurationText() {}

    /**
     * Reads a number with a unit; without a unit it means seconds.
     *
     * @throws InvalidInputException if the text is anything else
     */
    public static Duration parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new InvalidInputException("'%s' is not %s".formatted(Excerpt.of(text), EXPECTED));
        }
        String unit = matcher.group(2);
        long one = MILLIS.getOrDefault(unit == null ? "s" : unit, 1_000L);
        return Duration.ofMillis(Long.parseLong(matcher.group(1)) * one);
    }

    /** Returns the duration in the largest unit that gives a whole number. Less than a millisecond is cut off. */
    public static String of(Duration duration) {
        long millis = duration.toMillis();
        for (String unit : new String[] {"h", "m", "s"}) {
            long one = MILLIS.getOrDefault(unit, 1L);
            if (millis >= one && millis % one == 0) {
                return millis / one + unit;
            }
        }
        return millis + "ms";
    }
}
