package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import org.jspecify.annotations.Nullable;

/** A command ends without success: with a sentence for the user on standard error, and an exit code. */
final class CommandFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int exitCode;

    /**
     * @param exitCode one of {@link ExitCode}
     * @param message what went wrong, for the user
     * @param cause what was caught, or null
     */
    CommandFailure(int exitCode, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }
}
