package io.jenkins.plugins.cvmfs.notify.proxy.verify;

import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;

/** There is too much to do to verify one more message now. */
final class BusyException extends TransientFailureException {

    private static final long serialVersionUID = 1L;

    BusyException(String message) {
        super(message);
    }
}
