package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.proxy.config.RawValue.Kind;

/** True or false. */
record Flag() implements ValueType<Boolean> {

    @Override
    public Boolean read(RawValue raw) {
        return switch (raw.textOf(Kind.BOOLEAN, "true or false")) {
            case "true" -> true;
            case "false" -> false;
            default -> throw raw.notA("true or false");
        };
    }

    @Override
    public void check(Boolean value) {
        // Both are fine.
    }

    @Override
    public Object show(Boolean value) {
        return value;
    }
}
