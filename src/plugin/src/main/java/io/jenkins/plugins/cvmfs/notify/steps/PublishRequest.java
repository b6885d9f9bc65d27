package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.config.Directory;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of {@code cvmfsPublishNotify}, as a pipeline gives them; of the first three exactly one is not null.
 *
 * @param verify false to announce without a check of the signature, which an administrator must allow if there are master keys
 */
record PublishRequest(
        @Nullable String repository,
        @Nullable String repositoryUrl,
        @Nullable String manifestFile,
        @Nullable String server,
        boolean verify) {

    /** How long a server that is busy or away is tried again. */
    static final Duration TIME_LIMIT = Duration.ofMinutes(5);

    /**
     * What is to be kept of it, with the time limit as a point in time.
     *
     * @throws InvalidInputException if a parameter is wrong, or names what is not configured; a sentence for the user
     */
    PublishState begin(Directory directory, Instant now) {
        if (Stream.of(repository, repositoryUrl, manifestFile)
                        .filter(Objects::nonNull)
                        .count()
                != 1) {
            throw new InvalidInputException(
                    "say what to announce with exactly one of repository:, repositoryUrl: and manifestFile:");
        }
        requireConfigured(directory);
        return new PublishState(this, now.plus(TIME_LIMIT));
    }

    /** Asked already now, so that a wrong name fails at once. */
    private void requireConfigured(Directory directory) {
        if (repository != null) {
            RepositoryName name = new RepositoryName(repository);
            directory.stratum0(name);
            directory.announcer(server, name);
            directory.keysToVerifyWith(name, verify);
        } else if (server != null) {
            directory.server(server);
        }
        if (repositoryUrl != null) {
            directory.given(repositoryUrl);
        }
    }

    /** Where the manifest is published; not for a file in the workspace. */
    RepositoryLocation location(Directory directory) {
        return repositoryUrl == null
                ? directory.stratum0(new RepositoryName(String.valueOf(repository)))
                : directory.given(repositoryUrl);
    }
}
