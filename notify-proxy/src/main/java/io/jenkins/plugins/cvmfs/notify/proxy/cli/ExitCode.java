package io.jenkins.plugins.cvmfs.notify.proxy.cli;

/** The exit codes of the commands. 1 and 6 to 9 are those of {@code cvmfs_swissknife notify}; docs/cli.md lists them for users. */
final class ExitCode {

    /** Done. */
    static final int OK = 0;

    /** The arguments or the configuration are wrong. */
    static final int USAGE = 1;

    /** Timed out. */
    static final int TIMED_OUT = 3;

    /** The service cannot listen, or cannot use its state folder. */
    static final int CANNOT_SERVE = 4;

    /** A manifest cannot be trusted. */
    static final int UNTRUSTED = 5;

    /** A manifest could not be downloaded. */
    static final int DOWNLOAD_FAILED = 6;

    /** A manifest's file could not be opened. */
    static final int CANNOT_OPEN = 7;

    /** A manifest's file could not be read. */
    static final int CANNOT_READ = 8;

    /** The server did not accept the announcement. */
    static final int PUBLISH_FAILED = 9;

    /** The user's own command, run for a new revision, failed. */
    static final int COMMAND_FAILED = 10;

    /** The revision was withdrawn. */
    static final int WITHDRAWN = 11;

    /** The broker cannot be reached, or cannot be prepared for the service. */
    static final int SETUP_FAILED = 12;

    /** Anything else: an internal error, or a server that cannot be reached. */
    static final int FAILED = 70;

    /** The reader of standard output has gone: 128 + SIGPIPE, the code of other programs in a shell. */
    static final int READER_GONE = 141;

    private ExitCode() {}
}
