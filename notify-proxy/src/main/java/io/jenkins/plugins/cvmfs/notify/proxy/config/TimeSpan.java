package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RawValue.Kind;
import java.time.Duration;

/** A duration within bounds, both included; a number in the file means seconds. */
record TimeSpan(Duration min, Duration max) implements ValueType<Duration> {

    @Override
    public Duration read(RawValue raw) {
        if (raw.kind() == Kind.BOOLEAN || raw.isNoScalar()) {
            throw raw.notA(DurationText.EXPECTED);
        }
        return DurationText.parse(raw.text());
    }

    @Override
    public void check(Duration value) {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw new InvalidInputException("%s is not in %s..%s".formatted(show(value), show(min), show(max)));
        }
    }

    @Override
    public Object show(Duration value) {
        return DurationText.of(value);
    }
}
