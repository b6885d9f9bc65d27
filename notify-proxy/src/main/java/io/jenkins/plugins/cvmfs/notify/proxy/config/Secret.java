package io.jenkins.plugins.cvmfs.notify.proxy.config;

/**
 * A password or token that never shows itself in a log, an exception or an effective configuration.
 *
 * @param value the secret itself
 */
public record Secret(String value) {

    /** Whether there is anything to hide. */
    public boolean isEmpty() {
        return value.isEmpty();
    }

    @Override
    public String toString() {
        return value.isEmpty() ? "" : "********";
    }
}
