package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import io.jenkins.plugins.cvmfs.notify.client.trust.Blacklist;
import io.jenkins.plugins.cvmfs.notify.client.trust.ManifestVerifier;
import io.jenkins.plugins.cvmfs.notify.client.trust.MasterKeys;
import io.jenkins.plugins.cvmfs.notify.client.trust.TrustSource;
import io.jenkins.plugins.cvmfs.notify.proxy.config.FileProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** The options for master keys and revocations; the same for every command that verifies. */
final class TrustOptions {

    private static final Path DEFAULT_KEYS = Path.of("/etc/cvmfs/keys");
    private static final String DEFAULT_BLACKLIST = "/etc/cvmfs/blacklist";

    @Option(
            names = {"-k", "--key"},
            paramLabel = "PATH",
            description = {
                "Public master key, PEM, or a folder with *.pub files. Repeatable.",
                "Default: /etc/cvmfs/keys and the folders in it."
            })
    private List<Path> keys = new ArrayList<>();

    @Option(
            names = "--blacklist",
            paramLabel = "FILE",
            description = "Revoked certificates and revisions. Default: " + DEFAULT_BLACKLIST + " if it exists.",
            defaultValue = DEFAULT_BLACKLIST)
    private Path blacklist = Path.of(DEFAULT_BLACKLIST);

    /**
     * Returns a verifier that trusts the given keys, or else those of this machine; empty if there are none.
     *
     * @throws InvalidInputException if a key cannot be used
     */
    Optional<ManifestVerifier> verifier() {
        List<Path> paths = keys.isEmpty() ? keysOfThisMachine() : keys;
        if (paths.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new ManifestVerifier(MasterKeys.read(paths), Blacklist.read(List.of(blacklist)), Clock.systemUTC()));
    }

    /**
     * Reads certificate and whitelist from where a repository is served; of several places, from the first that has the file.
     *
     * @param locations at least one, the best first
     */
    static TrustSource source(RepositoryReader reader, List<RepositoryLocation> locations) {
        return (path, maxBytes) -> {
            NotifyException failure = new InvalidInputException("it is not known where the repository is served");
            for (RepositoryLocation location : locations) {
                try {
                    return reader.fileNow(location, path, maxBytes);
                } catch (NotifyException e) {
                    failure = e;
                }
            }
            throw failure;
        };
    }

    /** Packages put keys into a folder for each organisation, such as cern.ch; administrators into the folder itself. */
    private static List<Path> keysOfThisMachine() {
        if (!Files.isDirectory(DEFAULT_KEYS)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(DEFAULT_KEYS, 2)) {
            return files.filter(file -> file.toString().endsWith(".pub"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new InvalidInputException(
                    "cannot read the folder %s: %s".formatted(DEFAULT_KEYS, FileProblem.reason(e)), e);
        }
    }
}
