package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.trust.Blacklist;
import io.jenkins.plugins.cvmfs.notify.client.trust.ManifestVerifier;
import io.jenkins.plugins.cvmfs.notify.client.trust.MasterKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** Whom to trust; the same for every command that verifies. */
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
     * A verifier that trusts the keys named, or else those that the machine has; empty if none are named and it has none.
     *
     * @throws InvalidInputException if a key that is named or there cannot be used
     */
    Optional<ManifestVerifier> verifier() {
        List<Path> paths = keys.isEmpty() ? keysOfThisMachine() : keys;
        if (paths.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new ManifestVerifier(MasterKeys.read(paths), Blacklist.read(List.of(blacklist)), Clock.systemUTC()));
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
            throw new InvalidInputException("cannot read the folder " + DEFAULT_KEYS, e);
        }
    }
}
