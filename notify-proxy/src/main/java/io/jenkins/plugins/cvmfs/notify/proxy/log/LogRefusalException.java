package io.jenkins.plugins.cvmfs.notify.proxy.log;

import org.jspecify.annotations.Nullable;

/** The log does not accept this message, and will not accept it again. */
public final class LogRefusalException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Why a message is not accepted. */
    public enum Why {
        /** The message is invalid. */
        INVALID,
        /** This relay takes no announcements. */
        NOT_HERE,
        /** The server that this proxy relays refuses it: a right is missing there. */
        BY_UPSTREAM,
        /** Relays would pass it on to each other in a circle. */
        LOOP
    }

    private final Why why;

    /** @param message a sentence for the publisher, without credentials or payload */
    public LogRefusalException(Why why, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.why = why;
    }

    /** Returns the kind of refusal. */
    public Why why() {
        return why;
    }
}
