package io.jenkins.plugins.cvmfs.notify.proxy.publish;

import io.jenkins.plugins.cvmfs.notify.proxy.access.Denial;
import java.time.Duration;
import java.util.Locale;

/** How a publish ended, or a request to forget a repository. */
public sealed interface PublishOutcome {

    /** The word by which the metrics and the log know it. */
    default String word() {
        if (this instanceof Refused no) {
            return no.reason().word();
        }
        if (this instanceof Unavailable no) {
            return no.reason().word();
        }
        if (this instanceof UnknownRepository) {
            return "unknown_repository";
        }
        return this instanceof Accepted ? "accepted" : this instanceof Invalid ? "invalid" : "too_large";
    }

    /** A sentence for the sender, without credentials or payload; empty if all went well. */
    default String detail() {
        return "";
    }

    /** The announcement, or the order to forget, is safe in the log. */
    record Accepted() implements PublishOutcome {}

    /** The body is not an activity message; the same bytes will be refused again. */
    record Invalid(String detail) implements PublishOutcome {}

    /** The sender lacks the right, or the signature is not trusted. */
    record Refused(Denial reason, String detail) implements PublishOutcome {}

    /** The body exceeds a limit; the same bytes will be refused again. */
    record TooLarge(String detail) implements PublishOutcome {}

    /** The repository to forget has no last value. */
    record UnknownRepository() implements PublishOutcome {}

    /**
     * Nothing was appended, or the log has not confirmed it. Trying again later is safe.
     *
     * @param retryAfter how long to wait before the next attempt
     */
    record Unavailable(Reason reason, String detail, Duration retryAfter) implements PublishOutcome {}

    /** Why an announcement was not accepted; in lower case, clients and metrics know it by its name. */
    enum Reason {
        /** The log did not confirm it. */
        LOG_UNAVAILABLE,
        /** Too many publishes wait for the log's confirm. */
        TOO_MANY_PENDING,
        /** The repository is new, and there are as many as allowed. */
        TOO_MANY_REPOSITORIES,
        /** The last values of all repositories take as much memory as allowed. */
        LAST_VALUES_FULL,
        /** The whitelist or certificate cannot be fetched now. */
        VERIFICATION_UNAVAILABLE,
        /** Too many publishes wait for their signatures to be verified. */
        TOO_MANY_VERIFICATIONS,
        /** The address exceeds its publish rate. */
        TOO_MANY_OF_PUBLISHER,
        /** The repository exceeds its publish rate. */
        TOO_MANY_OF_REPOSITORY,
        /** The proxy is shutting down. */
        SHUTTING_DOWN;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Returns true if the sender exceeds a rate; everything else is the service's state. */
        boolean isRate() {
            return this == TOO_MANY_OF_PUBLISHER || this == TOO_MANY_OF_REPOSITORY;
        }
    }
}
