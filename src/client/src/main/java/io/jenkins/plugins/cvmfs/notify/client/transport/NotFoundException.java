package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;

/** The location answered but has no such file. It may appear later, when a replica lags or a repository is being created. */
public final class NotFoundException extends TransientFailureException {

    private static final long serialVersionUID = 1L;

    NotFoundException(String message) {
        super(message);
    }
}
