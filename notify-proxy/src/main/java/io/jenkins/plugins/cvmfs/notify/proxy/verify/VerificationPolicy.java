package io.jenkins.plugins.cvmfs.notify.proxy.verify;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.trust.Blacklist;
import io.jenkins.plugins.cvmfs.notify.client.trust.ManifestVerifier;
import io.jenkins.plugins.cvmfs.notify.client.trust.MasterKeys;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.Trust;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryConfig.Verify;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which repositories are verified, and with what, by one configuration. Immutable. */
public final class VerificationPolicy {

    /** A line of the configuration with its keys read. */
    private record Line(RepositoryConfig config, Optional<ManifestVerifier> verifier) {}

    private final List<Line> lines;
    private final Trust trust;

    private VerificationPolicy(List<Line> lines, Trust trust) {
        this.lines = List.copyOf(lines);
        this.trust = trust;
    }

    /**
     * Reads master keys and blacklist.
     *
     * @param clock tells whether a whitelist has expired
     * @throws InvalidInputException if a file cannot be used, or a repository that must be verified has no key
     */
    public static VerificationPolicy read(AccessConfig config, Clock clock) {
        Trust trust = config.trust();
        List<Line> lines = new ArrayList<>();
        for (RepositoryConfig repository : config.repositories()) {
            Optional<MasterKeys> keys =
                    repository.verify() == Verify.OFF ? Optional.empty() : keys(repository, trust.masterKeys());
            lines.add(new Line(repository, keys.map(known -> verifier(known, trust, clock))));
        }
        return new VerificationPolicy(lines, trust);
    }

    private static ManifestVerifier verifier(MasterKeys keys, Trust trust, Clock clock) {
        Blacklist blacklist =
                trust.blacklist().map(file -> Blacklist.read(List.of(file))).orElse(Blacklist.EMPTY);
        return new ManifestVerifier(keys, blacklist, clock);
    }

    /** Keys that a repository names must be there; those for all need not, unless it must be verified. */
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
            throw new InvalidInputException("cannot read the folder " + path, e);
        }
    }

    /** What a message of this repository is held against; empty if it is not verified. */
    Optional<Demand> demand(RepositoryName repository) {
        return line(repository)
                .flatMap(line -> line.verifier()
                        .filter(verifier -> !line.config().stratum0().isEmpty())
                        .map(verifier -> new Demand(
                                repository,
                                verifier,
                                line.config().location(repository),
                                line.config().allowRollback())));
    }

    private Optional<Line> line(RepositoryName repository) {
        Optional<Line> exact = lines.stream()
                .filter(line ->
                        line.config().name().isExact() && line.config().name().matches(repository))
                .findFirst();
        return exact.or(() -> lines.stream()
                .filter(line -> line.config().name().matches(repository))
                .findFirst());
    }

    Trust trust() {
        return trust;
    }

    /** How many lines of the configuration verify something, for the log. */
    public long verified() {
        return lines.stream().filter(line -> line.verifier().isPresent()).count();
    }
}
