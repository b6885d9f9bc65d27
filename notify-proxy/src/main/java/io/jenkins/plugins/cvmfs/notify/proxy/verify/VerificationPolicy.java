package io.jenkins.plugins.cvmfs.notify.proxy.verify;

import io.jenkins.plugins.cvmfs.notify.client.FileProblem;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.trust.Blacklist;
import io.jenkins.plugins.cvmfs.notify.client.trust.ManifestVerifier;
import io.jenkins.plugins.cvmfs.notify.client.trust.MasterKeys;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.Trust;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryConfig.Verify;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryPattern;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which repositories one configuration verifies, and with which keys. Immutable. */
final class VerificationPolicy {

    /**
     * How the announcements of one repository are verified.
     *
     * @param stratum0 where its whitelist and certificates are
     * @param allowRollback whether a revision may be lower than one that was verified before
     */
    record Rule(
            RepositoryName repository, ManifestVerifier verifier, RepositoryLocation stratum0, boolean allowRollback) {}

    /** An entry of the configuration with its keys. */
    private record Entry(RepositoryConfig config, Optional<ManifestVerifier> verifier) {}

    private final List<Entry> entries;
    private final Trust trust;

    private VerificationPolicy(List<Entry> entries, Trust trust) {
        this.entries = List.copyOf(entries);
        this.trust = trust;
    }

    /**
     * Reads the master keys and the blacklist.
     *
     * @param clock decides whether a whitelist has expired
     * @throws InvalidInputException if a file cannot be used, or a repository that must be verified has no key
     */
    static VerificationPolicy read(AccessConfig config, Clock clock) {
        Trust trust = config.trust();
        List<Entry> entries = new ArrayList<>();
        for (RepositoryConfig repository : config.repositories()) {
            Optional<MasterKeys> keys =
                    repository.verify() == Verify.OFF ? Optional.empty() : keys(repository, trust.masterKeys());
            entries.add(new Entry(repository, keys.map(known -> verifier(known, trust, clock))));
        }
        return new VerificationPolicy(entries, trust);
    }

    private static ManifestVerifier verifier(MasterKeys keys, Trust trust, Clock clock) {
        Blacklist blacklist =
                trust.blacklist().map(file -> Blacklist.read(List.of(file))).orElse(Blacklist.EMPTY);
        return new ManifestVerifier(keys, blacklist, clock);
    }

    /** Keys that an entry names must exist; the keys for all repositories need not, unless the entry requires verification. */
    private static Optional<MasterKeys> keys(RepositoryConfig repository, List<Path> forAll) {
        boolean mustExist = repository.verify() == Verify.REQUIRED
                || !repository.masterKeys().isEmpty();
        List<Path> paths = repository.masterKeys().isEmpty() ? forAll : repository.masterKeys();
        if (!mustExist
                && (repository.stratum0().isEmpty() || paths.stream().noneMatch(VerificationPolicy::holdsKeys))) {
            return Optional.empty();
        }
        try {
            return Optional.of(MasterKeys.read(paths));
        } catch (InvalidInputException e) {
            throw new InvalidInputException("repositories, '%s': %s".formatted(repository.name(), e.getMessage()), e);
        }
    }

    private static boolean holdsKeys(Path path) {
        if (!Files.isDirectory(path)) {
            return Files.exists(path);
        }
        try (DirectoryStream<Path> keys = Files.newDirectoryStream(path, "*.pub")) {
            return keys.iterator().hasNext();
        } catch (IOException e) {
            throw new InvalidInputException("cannot read the folder %s: %s".formatted(path, FileProblem.reason(e)), e);
        }
    }

    /** Returns how this repository is verified; empty if it is not. */
    Optional<Rule> rule(RepositoryName repository) {
        return entry(repository)
                .flatMap(entry -> entry.verifier()
                        .filter(verifier -> !entry.config().stratum0().isEmpty())
                        .map(verifier -> new Rule(
                                repository,
                                verifier,
                                entry.config().location(repository),
                                entry.config().allowRollback())));
    }

    private Optional<Entry> entry(RepositoryName repository) {
        return RepositoryPattern.best(entries, entry -> entry.config().name(), repository);
    }

    Trust trust() {
        return trust;
    }

    /** Says how many entries of the configuration verify something, for the log. */
    String summary() {
        long verifying =
                entries.stream().filter(entry -> entry.verifier().isPresent()).count();
        return "%d of %d verify".formatted(verifying, entries.size());
    }
}
