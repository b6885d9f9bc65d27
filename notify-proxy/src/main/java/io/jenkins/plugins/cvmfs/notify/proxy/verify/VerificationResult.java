package io.jenkins.plugins.cvmfs.notify.proxy.verify;

import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict;
import java.time.Duration;

/** What came of looking at a message's signature. */
public sealed interface VerificationResult {

    /** Nobody asked for it. */
    record NotVerified() implements VerificationResult {}

    /**
     * Every check passed.
     *
     * @param allowRollback whether its revision may be lower than one that was verified before
     */
    record Trusted(boolean allowRollback) implements VerificationResult {}

    /** A check failed; the same message will fail again. */
    record Rejected(Verdict.Reason reason, String explanation) implements VerificationResult {}

    /**
     * It could not be found out.
     *
     * @param busy whether because there is too much to do
     * @param explanation one sentence
     * @param retryAfter when to ask again
     */
    record Unknown(boolean busy, String explanation, Duration retryAfter) implements VerificationResult {}
}
