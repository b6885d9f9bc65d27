package io.jenkins.plugins.cvmfs.notify.proxy.setup;

/** A user that the broker is to have, and how to get its password. */
public record Account(String name, Password password) {}
