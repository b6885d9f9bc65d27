package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import org.jspecify.annotations.Nullable;

/** Ends a command with two sentences for the user on standard error, and an exit code. */
final class CommandFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int exitCode;
    private final String next;

    /**
     * @param exitCode one of {@link ExitCode}
     * @param message the problem, for the user
     * @param next what to check or to do now; may be empty
     */
    CommandFailure(int exitCode, String message, String next, @Nullable Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
        this.next = next;
    }

    int exitCode() {
        return exitCode;
    }

    String next() {
        return next;
    }
}
