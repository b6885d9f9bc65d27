package io.jenkins.plugins.cvmfs.notify.proxy.access;

import io.jenkins.plugins.cvmfs.notify.proxy.config.Grants;

/** What an {@code Authorization} header has shown. */
sealed interface CallerIdentity {

    /** None was sent, or one that is not for this proxy. */
    record Unknown() implements CallerIdentity {}

    /** It is wrong. */
    record Wrong() implements CallerIdentity {}

    /**
     * It is right.
     *
     * @param name for the log
     */
    record Known(String name, Grants grants) implements CallerIdentity {}
}
