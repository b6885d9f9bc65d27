package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

/** A user that the broker is to have, and how to get its password. */
public record Account(String name, PasswordSource password) {}
