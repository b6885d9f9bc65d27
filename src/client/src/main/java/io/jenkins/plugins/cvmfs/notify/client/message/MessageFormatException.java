package io.jenkins.plugins.cvmfs.notify.client.message;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;

/** A message that is not what the protocol asks for. The message of the exception names the field and the limit. */
public final class MessageFormatException extends InvalidInputException {

    private static final long serialVersionUID = 1L;

    /** What is wrong, as far as the answer depends on it. */
    public enum Fault {
        /** The bytes are no JSON document, or too many. */
        NOT_JSON,
        /** It is JSON, but a field is missing, of the wrong type or has a value that cannot be read. */
        WRONG_SHAPE,
        /** It is longer than the limit. */
        TOO_LARGE
    }

    private final Fault fault;

    MessageFormatException(Fault fault, String message) {
        super(message);
        this.fault = fault;
    }

    /** What is wrong, as far as the answer depends on it. */
    public Fault fault() {
        return fault;
    }
}
