package io.jenkins.plugins.cvmfs.notify.proxy.verify;

/** What became of a message whose signature was verified. */
public enum Admittance {
    /** It was appended to the log. */
    APPENDED,
    /** Its revision is the last one in the log already, and that suffices. */
    ANNOUNCED_BEFORE,
    /** A higher revision of the repository was verified before. */
    TOO_OLD
}
