package io.jenkins.plugins.cvmfs.notify.proxy.access;

import java.util.Locale;

/** Why a request is refused; in lower case, clients and metrics know it by its name. */
public enum Denial {
    /** The credentials are wrong; the answer never says which part of them. */
    INVALID_CREDENTIALS,
    /** Credentials are required. */
    CREDENTIALS_NEEDED,
    /** The credentials are valid, but lack the right. */
    NOT_ALLOWED,
    /** The manifest's signature is not trusted. */
    NOT_TRUSTED,
    /** A newer revision of the repository was verified before. */
    REVISION_TOO_OLD;

    /** The word by which clients and metrics know it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns true if valid credentials are missing: the answer is 401, else 403. */
    public boolean asksForCredentials() {
        return this == INVALID_CREDENTIALS || this == CREDENTIALS_NEEDED;
    }
}
