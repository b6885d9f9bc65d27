package io.jenkins.plugins.cvmfs.notify.proxy.publish;

import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Denial;
import java.time.Duration;

/** How a publish ended. {@code detail} is a sentence for the publisher, without credentials or payload. */
public sealed interface PublishOutcome {

    /** The message is safe in the log. */
    record Accepted(ActivityMessage message) implements PublishOutcome {}

    /** It is no activity message; the same bytes will be refused again. */
    record Invalid(String detail) implements PublishOutcome {}

    /** Whoever sent it may not, or its signature is not to be believed. */
    record Refused(Denial reason, String detail) implements PublishOutcome {}

    /** It is longer than allowed; the same bytes will be refused again. */
    record TooLarge(String detail) implements PublishOutcome {}

    /**
     * It was not taken on, or is not known to be in the log. Publishing it again later is safe.
     *
     * @param reason one of few fixed words, for programs
     * @param retryAfter how long to wait before the next attempt
     */
    record Unavailable(Reason reason, String detail, Duration retryAfter) implements PublishOutcome {}

    /** Why a publish was not taken on. */
    enum Reason {
        /** The log could not confirm it. */
        LOG_UNAVAILABLE,
        /** Too many publishes wait for the log's confirm. */
        TOO_MANY_PENDING,
        /** It is of a new repository, and there are as many as allowed. */
        TOO_MANY_REPOSITORIES,
        /** The last announcements of all repositories take as much memory as they may. */
        LAST_VALUES_FULL,
        /** Its signature cannot be verified now: whitelist or certificate cannot be had. */
        VERIFICATION_UNAVAILABLE,
        /** Too many publishes wait for their signatures to be verified. */
        TOO_MANY_VERIFICATIONS,
        /** It comes too soon after others of its repository. */
        TOO_MANY_OF_REPOSITORY,
        /** The proxy is shutting down. */
        SHUTTING_DOWN
    }
}
