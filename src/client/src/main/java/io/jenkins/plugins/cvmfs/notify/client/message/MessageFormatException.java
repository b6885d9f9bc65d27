package io.jenkins.plugins.cvmfs.notify.client.message;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;

/** Thrown if a message breaks the protocol. The text names the field and the limit. */
public final class MessageFormatException extends InvalidInputException {

    private static final long serialVersionUID = 1L;

    /** The kinds of faults that are answered differently. */
    public enum Fault {
        /** The bytes are not a JSON document in UTF-8. */
        NOT_JSON,
        /** It is JSON, but a field is missing, has the wrong type or a malformed value. */
        WRONG_SHAPE,
        /** It is longer than the limit. */
        TOO_LARGE
    }

    private final Fault fault;

    MessageFormatException(Fault fault, String message) {
        super(message);
        this.fault = fault;
    }

    /** Returns the kind of the fault. */
    public Fault fault() {
        return fault;
    }
}
