package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.gate.StalePolicy;
import io.jenkins.plugins.cvmfs.notify.client.gate.Target;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.config.Directory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of {@code waitForCvmfsRevision}, as a pipeline gives them. The step's getters say what each means; of {@code
 * revision}, {@code after} and {@code rootHash} exactly one is not null, or the first and the last.
 */
record WaitRequest(
        String repository,
        @Nullable Long revision,
        @Nullable Long after,
        @Nullable String rootHash,
        List<String> replicas,
        String require,
        Duration timeout,
        String onTimeout,
        String onStale,
        @Nullable String server) {

    private static final Duration LONGEST = Duration.ofDays(366);

    /**
     * What is to be kept of it, with the deadline as a point in time.
     *
     * @throws InvalidInputException if a parameter is wrong, or names what is not configured; a sentence for the user
     */
    WaitState begin(Directory directory, Instant now) {
        RepositoryName name = new RepositoryName(repository);
        // Asked already now, so that a wrong name fails at once.
        directory.server(server, name);
        requireTimeout(timeout);
        Condition condition = new Condition(
                name,
                target(),
                directory.replicas(name, replicas),
                new Requirement(require),
                StalePolicy.parse(onStale),
                now.plus(timeout),
                null);
        return new WaitState(GateSnapshot.start(condition, now), OnTimeout.parse(onTimeout), server);
    }

    static void requireTimeout(Duration timeout) {
        if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(LONGEST) > 0) {
            throw new InvalidInputException(
                    "timeout is %s, must be above zero and at most %d days".formatted(timeout, LONGEST.toDays()));
        }
    }

    private Target target() {
        if (rootHash != null && after == null) {
            return new Target.RootHash(
                    ContentHash.parse(rootHash), revision == null ? null : revision("revision", revision));
        }
        if (revision != null && after == null) {
            return new Target.AtLeast(revision("revision", revision));
        }
        if (after != null && revision == null && rootHash == null) {
            return new Target.NewerThan(revision("after", after));
        }
        throw new InvalidInputException(
                "say what to wait for: revision:, after: or rootHash: (with or without its revision:)");
    }

    private static Revision revision(String parameter, long number) {
        if (number < 0) {
            throw new InvalidInputException("%s is %d, must not be below 0".formatted(parameter, number));
        }
        return new Revision(number);
    }
}
