package io.jenkins.plugins.cvmfs.notify.proxy.admission;

import io.jenkins.plugins.cvmfs.notify.proxy.config.Grants;

/** What an {@code Authorization} header has shown. */
sealed interface Identity {

    /** None was sent, or one that is not for this proxy. */
    record Unknown() implements Identity {}

    /** It is wrong. */
    record Wrong() implements Identity {}

    /**
     * It is right.
     *
     * @param name for the log
     */
    record Known(String name, Grants grants) implements Identity {}
}
