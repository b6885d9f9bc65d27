package io.jenkins.plugins.cvmfs.notify.proxy.access;

/** What comes of looking at somebody's rights. */
public sealed interface Permission {

    /**
     * They may.
     *
     * @param holder whose right it is: a word for the credential, certificate or address that has it; empty if everyone has it
     */
    record Granted(String holder) implements Permission {

        static final Granted TO_EVERYONE = new Granted("");
    }

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

    /** Whose right it is; empty if nobody's in particular, so that anybody may have sent the request. */
    default String holder() {
        return "";
    }
}
