package io.jenkins.plugins.cvmfs.notify.proxy.access;

/** Why somebody may not do something; its name, in lower case, is what programs are told. */
public enum Denial {
    /** The credentials that were shown are wrong; which part of them, nobody is told. */
    INVALID_CREDENTIALS,
    /** Without credentials this is not allowed. */
    CREDENTIALS_NEEDED,
    /** The credentials are good, but not for this. */
    NOT_ALLOWED,
    /** The manifest's signature is not to be believed. */
    NOT_TRUSTED,
    /** A higher revision of the repository has been verified before. */
    REVISION_TOO_OLD;

    /** Whether other credentials would help, and none that are good were shown. */
    public boolean asksForCredentials() {
        return this == INVALID_CREDENTIALS || this == CREDENTIALS_NEEDED;
    }
}
