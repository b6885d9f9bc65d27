package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RawValue.Kind;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A size: a number of bytes, or text such as {@code "64KiB"}. Bounds in bytes, both included. */
record ByteSize(long min, long max) implements ValueType<Long> {

    private static final Pattern TEXT = Pattern.compile("([0-9]{1,12})(B|KiB|MiB|GiB|TiB)?");
    private static final Map<String, Integer> SHIFT = Map.of("B", 0, "KiB", 10, "MiB", 20, "GiB", 30, "TiB", 40);
    private static final String EXPECTED = "a size such as 65536, \"64KiB\" or \"1GiB\"";

    @Override
    public Long read(RawValue raw) {
        Matcher matcher = TEXT.matcher(raw.text());
        if (raw.kind() == Kind.BOOLEAN || raw.isNoScalar() || !matcher.matches()) {
            throw raw.notA(EXPECTED);
        }
        String unit = matcher.group(2);
        long count = Long.parseLong(matcher.group(1));
        int shift = unit == null ? 0 : SHIFT.getOrDefault(unit, 0);
        return count > (Long.MAX_VALUE >> shift) ? Long.MAX_VALUE : count << shift;
    }

    @Override
    public void check(Long value) {
        if (value < min || value > max) {
            throw new InvalidInputException("%s is not in %s..%s".formatted(show(value), show(min), show(max)));
        }
    }

    @Override
    public Object show(Long value) {
        for (String unit : new String[] {"TiB", "GiB", "MiB", "KiB"}) {
            long one = 1L << SHIFT.getOrDefault(unit, 0);
            if (value >= one && value % one == 0) {
                return value / one + unit;
            }
        }
        return value;
    }
}
