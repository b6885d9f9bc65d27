package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How the messages of some repositories are verified, and whether the proxy reads by itself what they publish.
 *
 * @param name which repositories
 * @param verify whether their signatures are verified
 * @param stratum0 where whitelist, certificates and manifest are read: a URL or directory with {@value #PLACEHOLDER} for the name;
 *     empty if it is not known
 * @param masterKeys files, and directories of which the {@code *.pub} files count; empty means those for all repositories
 * @param allowRollback whether a revision may be lower than one that was verified before
 * @param pollOrNull how often the proxy reads the manifest and announces what is new; null for never
 */
public record RepositoryConfig(
        RepositoryPattern name,
        Verify verify,
        String stratum0,
        List<Path> masterKeys,
        boolean allowRollback,
        @Nullable Duration pollOrNull) {

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
        if (!stratum0.isEmpty() && !name.isExact() && !stratum0.contains(PLACEHOLDER)) {
            throw new InvalidInputException("stratum0: '%s' has no %s for the name, but %s names many repositories"
                    .formatted(stratum0, PLACEHOLDER, name));
        }
        if (!stratum0.isEmpty()) {
            RepositoryLocation location = RepositoryLocation.parse(stratum0.replace(PLACEHOLDER, "name"));
            if (location instanceof RepositoryLocation.Mount) {
                throw new InvalidInputException(
                        "stratum0: '%s' is a mount, which has no manifest; give a URL or a folder".formatted(stratum0));
            }
        }
        if (pollOrNull != null) {
            ConfigKey.POLL.require(Optional.of(pollOrNull));
            requirePollable(name, stratum0);
        }
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

    /** Returns how often the proxy reads the manifest; empty for never. */
    public Optional<Duration> poll() {
        return Optional.ofNullable(pollOrNull);
    }

    /**
     * Returns the location of this repository's whitelist, certificates and manifest.
     *
     * @throws InvalidInputException if it is not known, or is no location
     */
    public RepositoryLocation location(RepositoryName repository) {
        return RepositoryLocation.parse(stratum0.replace(PLACEHOLDER, repository.value()));
    }

    static RepositoryConfig from(ConfigValues entry) {
        return new RepositoryConfig(
                entry.get(ConfigKey.REPOSITORY),
                entry.get(ConfigKey.VERIFY),
                entry.get(ConfigKey.STRATUM_0),
                entry.get(ConfigKey.REPOSITORY_KEYS),
                entry.get(ConfigKey.ALLOW_ROLLBACK),
                entry.get(ConfigKey.POLL).orElse(null));
    }
}
