package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RawValue.Kind;

/** A secret: read like text, never shown, not even in a message about itself. */
record SecretText() implements ValueType<Secret> {

    @Override
    public Secret read(RawValue raw) {
        if (raw.kind() != Kind.TEXT && raw.kind() != Kind.UNTYPED) {
            throw new InvalidInputException("the value is not text (it is not shown because it is secret)");
        }
        return new Secret(raw.text());
    }

    @Override
    public void check(Secret value) {
        // Any text may be a secret.
    }

    @Override
    public Object show(Secret value) {
        return value.toString();
    }
}
