package io.jenkins.plugins.cvmfs.notify.proxy.verify;

import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;

/** The verifier asks for a file that has to be fetched first. */
final class MissingFileException extends TransientFailureException {

    private static final long serialVersionUID = 1L;

    private final String path;
    private final int maxBytes;

    MissingFileException(String path, int maxBytes) {
        super(path + " has to be fetched first");
        this.path = path;
        this.maxBytes = maxBytes;
    }

    String path() {
        return path;
    }

    int maxBytes() {
        return maxBytes;
    }
}
