package io.jenkins.plugins.cvmfs.notify.proxy.broker;

import java.io.IOException;

/** The broker answers, but what it says or has is not what this proxy needs. */
final class UnusableBrokerException extends IOException {

    private static final long serialVersionUID = 1L;

    private final Trouble trouble;

    UnusableBrokerException(Trouble trouble) {
        super(trouble.sentence());
        this.trouble = trouble;
    }

    Trouble trouble() {
        return trouble;
    }
}
