package io.jenkins.plugins.cvmfs.notify.proxy.verify;

import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict;
import java.time.Duration;

/** The result of verifying an announcement. */
public sealed interface VerificationResult {

    /** The configuration does not require verification. */
    record NotVerified() implements VerificationResult {}

    /**
     * Every check passed.
     *
     * @param allowRollback whether its revision may be lower than one that was verified before
     */
    record Trusted(boolean allowRollback) implements VerificationResult {}

    /** A check failed; the same announcement will fail again. */
    record Rejected(Verdict.Reason reason, String explanation) implements VerificationResult {}

    /**
     * It could not be verified now.
     *
     * @param busy whether a limit is reached
     * @param explanation one sentence
     * @param retryAfter when to try again
     */
    record Unknown(boolean busy, String explanation, Duration retryAfter) implements VerificationResult {}

    /** The decision of {@link SignatureVerifier#admit} on a verified announcement. */
    enum Admittance {
        /** Appended to the log. */
        APPENDED,
        /** Not appended, since the log holds this revision already. */
        ANNOUNCED_BEFORE,
        /** Not appended, since a newer revision of the repository was verified before. */
        TOO_OLD
    }
}
