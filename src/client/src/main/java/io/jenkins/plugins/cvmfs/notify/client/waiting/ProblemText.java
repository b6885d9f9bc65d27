package io.jenkins.plugins.cvmfs.notify.client.waiting;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import java.util.concurrent.CompletionException;

/** Says a failure in one line of bounded length. */
final class ProblemText {

    private static final int LONGEST = 300;

    private ProblemText() {}

    static String of(Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        String text = cause instanceof NotifyException ? String.valueOf(cause.getMessage()) : cause.toString();
        String line = text.replaceAll("\\p{Cntrl}+", " ");
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
    }
}
