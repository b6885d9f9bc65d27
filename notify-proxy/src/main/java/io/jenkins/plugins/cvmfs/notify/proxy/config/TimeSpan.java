package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RawValue.Kind;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A duration: a number of seconds, or text such as {@code "250ms"}, {@code "10s"}, {@code "2m"}, {@code "1h"}. */
record TimeSpan(Duration min, Duration max) implements ValueType<Duration> {

    private static final Pattern TEXT = Pattern.compile("([0-9]{1,9})(ms|s|m|h)?");
    private static final Map<String, Long> MILLIS = Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L);
    private static final String EXPECTED = "a duration such as 10 (seconds), \"250ms\", \"10s\", \"2m\" or \"1h\"";

    @Override
    public Duration read(RawValue raw) {
        Matcher matcher = TEXT.matcher(raw.text());
        if (raw.kind() == Kind.BOOLEAN || raw.kind() == Kind.OTHER || !matcher.matches()) {
            throw raw.notA(EXPECTED);
        }
        String unit = matcher.group(2);
        long one = MILLIS.getOrDefault(unit == null ? "s" : unit, 1_000L);
        return Duration.ofMillis(Long.parseLong(matcher.group(1)) * one);
    }

    @Override
    public void check(Duration value) {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw new InvalidInputException("%s is not in %s..%s".formatted(show(value), show(min), show(max)));
        }
    }

    @Override
    public Object show(Duration value) {
        long millis = value.toMillis();
        for (String unit : new String[] {"h", "m", "s"}) {
            long one = MILLIS.getOrDefault(unit, 1L);
            if (millis >= one && millis % one == 0) {
                return millis / one + unit;
            }
        }
        return millis + "ms";
    }
}
