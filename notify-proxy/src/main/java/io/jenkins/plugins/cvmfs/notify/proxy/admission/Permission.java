package io.jenkins.plugins.cvmfs.notify.proxy.admission;

/** What comes of looking at somebody's rights. */
public sealed interface Permission {

    /** They may. */
    record Granted() implements Permission {}

    /**
     * They may if the message carries a signature that is verified.
     *
     * @param otherwise if nothing can be verified
     */
    record IfVerified(Denied otherwise) implements Permission {}

    /**
     * They may not.
     *
     * @param detail one sentence for them: which right is missing
     */
    record Denied(Denial reason, String detail) implements Permission {}

    /** Nothing to it. */
    Permission GRANTED = new Granted();
}
