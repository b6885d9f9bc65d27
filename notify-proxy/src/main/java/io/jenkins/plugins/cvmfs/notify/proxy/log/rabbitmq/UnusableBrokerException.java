package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import java.io.IOException;

/** The broker answers, but what it says or has is not what this proxy needs. */
final class UnusableBrokerException extends IOException {

    private static final long serialVersionUID = 1L;

    private final BrokerError trouble;

    UnusableBrokerException(BrokerError trouble) {
        super(trouble.sentence());
        this.trouble = trouble;
    }

    BrokerError trouble() {
        return trouble;
    }
}
