package io.jenkins.plugins.cvmfs.notify.proxy.access;

/** The decision of {@link AccessRules}. */
public sealed interface Permission {

    /**
     * Allowed.
     *
     * @param holder names the credential, certificate or address that has the right; empty if everyone has it
     */
    record Granted(String holder) implements Permission {

        static final Granted TO_EVERYONE = new Granted("");
    }

    /**
     * Allowed if the announcement has a valid signature.
     *
     * @param otherwise if its repository is not verified
     */
    record IfVerified(Denied otherwise) implements Permission {}

    /**
     * To be decided by the server that this proxy relays, from the caller's credentials.
     *
     * @param holder names the caller
     */
    record UpToUpstream(String holder) implements Permission {}

    /**
     * Not allowed.
     *
     * @param detail one sentence for the caller: which right is missing
     */
    record Denied(Denial reason, String detail) implements Permission {}

    /** Names the holder of the right; empty if the sender of the request is unknown. */
    default String holder() {
        return "";
    }
}
