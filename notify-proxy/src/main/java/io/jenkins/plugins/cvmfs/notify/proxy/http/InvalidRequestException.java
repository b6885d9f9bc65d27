package io.jenkins.plugins.cvmfs.notify.proxy.http;

/** A request that HTTP or the protocol does not allow: answered with 400. */
final class InvalidRequestException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** @param message a sentence for the client */
    InvalidRequestException(String message) {
        super(message);
    }
}
