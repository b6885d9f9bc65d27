package io.jenkins.plugins.cvmfs.notify.proxy.config;

/** A part of the running proxy that takes a new configuration, and reads again the files that the configuration names. */
@FunctionalInterface
public interface Reloadable {

    /**
     * Reads and checks everything that the configuration asks of this part, and changes nothing. May block on files.
     *
     * @return makes the change; must neither fail nor block. It is run only if every part of the proxy could prepare, so that
     *     a reload is complete or has no effect
     * @throws io.jenkins.plugins.cvmfs.notify.client.InvalidInputException if something cannot be used; the message says what
     */
    Runnable prepare(ProxyConfig next);
}
