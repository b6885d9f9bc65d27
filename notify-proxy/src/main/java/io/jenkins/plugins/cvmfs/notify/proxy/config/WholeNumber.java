package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RawValue.Kind;

/** A whole number within bounds, both included. */
record WholeNumber(int min, int max) implements ValueType<Integer> {

    @Override
    public Integer read(RawValue raw) {
        try {
            return Integer.valueOf(raw.textOf(Kind.NUMBER, "a whole number"));
        } catch (NumberFormatException e) {
            throw raw.notA("a whole number in %d..%d".formatted(min, max));
        }
    }

    @Override
    public void check(Integer value) {
        if (value < min || value > max) {
            throw new InvalidInputException("%d is not in %d..%d".formatted(value, min, max));
        }
    }

    @Override
    public Object show(Integer value) {
        return value;
    }
}
