package io.jenkins.plugins.cvmfs.notify.proxy.cli;

/** What to do about the signatures of announcements. */
enum VerifyMode {
    /** Believe every announcement. */
    OFF("off"),
    /** Verify where this machine has a master key and knows where the repository is served; else say so and believe. */
    IF_KEY_KNOWN("if-key-known"),
    /** Verify, and do not start where that is not possible. */
    REQUIRED("required");

    private final String argument;

    VerifyMode(String argument) {
        this.argument = argument;
    }

    /** The word on the command line. */
    @Override
    public String toString() {
        return argument;
    }
}
