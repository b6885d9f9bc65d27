package io.jenkins.plugins.cvmfs.notify.proxy.poll;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotFoundException;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome;

/** The end of a read of a repository's manifest. */
sealed interface PollOutcome {

    /** The revision was not in the log, and is now. */
    record Announced(Manifest manifest) implements PollOutcome {}

    /** The log has this revision. */
    record Unchanged(Manifest manifest) implements PollOutcome {}

    /** The log has a newer revision, and this is no rollback: the place that was read is behind. */
    record Older(Manifest manifest, Revision announced) implements PollOutcome {}

    /** The revision should be announced, but was refused, or cannot be announced now. */
    record NotAnnounced(PublishOutcome why) implements PollOutcome {}

    /** The manifest could not be read. */
    record Unreadable(Why why) implements PollOutcome {}

    /** The configuration has no address of the repository. */
    record NoAddress() implements PollOutcome {}

    /** Why a manifest could not be read, without the address and what it answered. */
    enum Why {
        MISSING("the stratum 0 has no manifest of the repository"),
        UNREACHABLE("the stratum 0 cannot be reached, is too slow or is busy"),
        CREDENTIALS("the stratum 0, or an HTTP proxy on the way, asks for credentials"),
        MALFORMED("the stratum 0 serves no manifest of this repository"),
        UNEXPECTED("the stratum 0 answers with a redirect or an unexpected status");

        private final String sentence;

        Why(String sentence) {
            this.sentence = sentence;
        }

        String sentence() {
            return sentence;
        }

        static Why of(NotifyException failure) {
            if (failure instanceof NotFoundException) {
                return MISSING;
            } else if (failure instanceof TransientFailureException) {
                return UNREACHABLE;
            } else if (failure instanceof RefusedException) {
                return CREDENTIALS;
            }
            return failure instanceof InvalidInputException ? MALFORMED : UNEXPECTED;
        }
    }
}
