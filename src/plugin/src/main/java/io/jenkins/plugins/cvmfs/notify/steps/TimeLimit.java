package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A time limit in a pipeline: a number with its unit beside it, or text such as {@code 90m} or {@code 1h 30m}. */
final class TimeLimit {

    private static final int MAX_DAYS = 366;
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,9}");
    private static final Pattern PART = Pattern.compile("\\G\\s*([0-9]{1,9})\\s*([dhms])\\s*");

    private TimeLimit() {}

    /** Returns a number if the text is one, so that the Snippet Generator writes it as one; the default if nothing is left. */
    static Comparable<?> tidy(@Nullable Comparable<?> typed, Comparable<?> otherwise) {
        String text = typed == null ? "" : typed.toString().trim();
        if (text.isEmpty()) {
            return otherwise;
        }
        return NUMBER.matcher(text).matches() ? (Comparable<?>) Integer.valueOf(text) : text;
    }

    /**
     * Reads a time limit.
     *
     * @param parameter its name, for messages
     * @param limit a number, or text with units, which then need not be given beside it
     * @param unit the name of a {@link TimeUnit}
     * @throws InvalidInputException if it is malformed, not above zero or too long
     */
    static Duration parse(String parameter, Comparable<?> limit, String unit) {
        TimeUnit known = unit(unit);
        Duration duration = limit instanceof Integer number
                ? Duration.of(number, known.toChronoUnit())
                : withUnits(parameter, limit.toString(), known);
        if (duration.isNegative() || duration.isZero() || duration.compareTo(Duration.ofDays(MAX_DAYS)) > 0) {
            String value = limit instanceof Integer ? limit + " " + unit.toLowerCase(Locale.ROOT) : limit.toString();
            throw new InvalidInputException(
                    "%s is %s, must be above 0 and at most %d days".formatted(parameter, value, MAX_DAYS));
        }
        return duration;
    }

    private static TimeUnit unit(String unit) {
        try {
            return TimeUnit.valueOf(unit);
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException(
                    "unit is '%s', must be SECONDS, MINUTES, HOURS or DAYS".formatted(Excerpt.of(unit)), e);
        }
    }

    private static Duration withUnits(String parameter, String text, TimeUnit unit) {
        Matcher parts = PART.matcher(text);
        Duration sum = Duration.ZERO;
        int end = 0;
        while (parts.find()) {
            long number = Long.parseLong(parts.group(1));
            sum = sum.plus(
                    switch (parts.group(2)) {
                        case "d" -> Duration.ofDays(number);
                        case "h" -> Duration.ofHours(number);
                        case "m" -> Duration.ofMinutes(number);
                        default -> Duration.ofSeconds(number);
                    });
            end = parts.end();
        }
        if (end < text.length()) {
            throw new InvalidInputException(
                    "%s is '%s', must be a number, or numbers with the units d, h, m and s such as '90m' or '1h 30m'"
                            .formatted(parameter, Excerpt.of(text)));
        }
        if (unit != TimeUnit.MINUTES) {
            throw new InvalidInputException(
                    "%s is '%s', which has its unit; remove unit: %s".formatted(parameter, Excerpt.of(text), unit));
        }
        return sum;
    }
}
