package io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq;

/** This kind of broker cannot be had on this machine. A broker that can be had but does not start is an error instead. */
public final class UnavailableException extends Exception {

    private static final long serialVersionUID = 1L;

    UnavailableException(String reason) {
        super(reason);
    }
}
