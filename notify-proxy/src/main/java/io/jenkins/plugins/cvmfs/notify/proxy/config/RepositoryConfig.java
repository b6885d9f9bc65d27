package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How the messages of some repositories are verified, and whether the proxy reads by itself what they publish.
 *
 * @param name which repositories
 * @param verify whether their signatures are verified
 * @param stratum0 where whitelist, certificates and manifest are read: a URL or directory with {@value #PLACEHOLDER} for the name;
 *     empty if it is not known
 * @param masterKeys files, and directories of which the {@code *.pub} files count; empty means those for all repositories
 * @param allowRollback whether a revision may be lower than one that was verified before
 * @param poll how often the proxy reads the manifest and announces what is new; empty for never
 */
public record RepositoryConfig(
        RepositoryPattern name,
        Verify verify,
        String stratum0,
        List<Path> masterKeys,
        boolean allowRollback,
        Optional<Duration> poll) {

    /** The placeholder for the repository's name, as in the settings of CernVM-FS. */
    public static final String PLACEHOLDER = "@fqrn@";

    /** The verification of signatures. */
    public enum Verify {
        /** Announcements that cannot be verified are refused. */
        REQUIRED,
        /** Like {@link #REQUIRED} if a master key and the stratum 0 are known, else like {@link #OFF}. */
        IF_KEY_KNOWN,
        /** Nothing is verified. */
        OFF
    }

    /** @throws InvalidInputException if verification or polls lack what they need, or many repositories have one location */
    public RepositoryConfig {
        masterKeys = List.copyOf(masterKeys);
        if (verify == Verify.REQUIRED && stratum0.isEmpty()) {
            throw new InvalidInputException("verify is required, but the key stratum0 is missing");
        }
        if (!stratum0.isEmpty() && requireLocation("stratum0", stratum0, name) instanceof RepositoryLocation.Mount) {
            throw new InvalidInputException(
                    "stratum0: '%s' is a mount, which has no manifest; give a URL or a folder".formatted(stratum0));
        }
        ConfigKey.POLL.require(poll);
        if (poll.isPresent()) {
            requirePollable(name, stratum0);
        }
    }

    /**
     * Checks where repositories are read, and returns the location for one of them.
     *
     * @throws InvalidInputException if it is no location, or many repositories have the same one; the message names the key
     */
    static RepositoryLocation requireLocation(String key, String text, RepositoryPattern name) {
        if (!name.isExact() && !text.contains(PLACEHOLDER)) {
            throw new InvalidInputException("%s: '%s' has no %s for the name, but %s names many repositories"
                    .formatted(key, text, PLACEHOLDER, name));
        }
        return location(text, "name");
    }

    /**
     * Returns the location that a text names for a repository.
     *
     * @throws InvalidInputException if it is none
     */
    public static RepositoryLocation location(String text, String name) {
        return RepositoryLocation.parse(text.replace(PLACEHOLDER, name));
    }

    private static void requirePollable(RepositoryPattern name, String stratum0) {
        if (stratum0.isEmpty()) {
            throw new InvalidInputException("poll is given, but the key stratum0 is missing");
        }
        if (!name.isExact()) {
            throw new InvalidInputException(
                    "poll: %s names many repositories; give each repository that is polled an entry with its name"
                            .formatted(name));
        }
        var unused = new RepositoryName(name.text());
    }

    /**
     * Returns the location of this repository's whitelist, certificates and manifest.
     *
     * @throws InvalidInputException if it is not known, or is no location
     */
    public RepositoryLocation location(RepositoryName repository) {
        return location(stratum0, repository.value());
    }

    static RepositoryConfig from(ConfigValues entry) {
        return new RepositoryConfig(
                entry.get(ConfigKey.REPOSITORY),
                entry.get(ConfigKey.VERIFY),
                entry.get(ConfigKey.STRATUM_0),
                entry.get(ConfigKey.REPOSITORY_KEYS),
                entry.get(ConfigKey.ALLOW_ROLLBACK),
                entry.get(ConfigKey.POLL));
    }
}
