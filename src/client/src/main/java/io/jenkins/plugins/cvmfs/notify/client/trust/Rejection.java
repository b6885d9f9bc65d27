package io.jenkins.plugins.cvmfs.notify.client.trust;

import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict.Reason;
import org.jspecify.annotations.Nullable;

/** Ends the checks at the first that fails; the verifier turns it into its verdict. */
final class Rejection extends Exception {

    private static final long serialVersionUID = 1L;

    private final Reason reason;
    private final String explanation;

    Rejection(Reason reason, String explanation) {
        this(reason, explanation, null);
    }

    Rejection(Reason reason, String explanation, @Nullable Throwable cause) {
        super(explanation, cause, false, false);
        this.reason = reason;
        this.explanation = explanation;
    }

    Verdict.Rejected verdict() {
        return new Verdict.Rejected(reason, explanation);
    }
}
