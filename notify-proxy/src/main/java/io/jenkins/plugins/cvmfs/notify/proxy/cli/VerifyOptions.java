package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.jenkins.plugins.cvmfs.notify.client.FileProblem;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.gate.ReplicaList;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import io.jenkins.plugins.cvmfs.notify.client.trust.Blacklist;
import io.jenkins.plugins.cvmfs.notify.client.trust.ManifestVerifier;
import io.jenkins.plugins.cvmfs.notify.client.trust.MasterKeys;
import io.jenkins.plugins.cvmfs.notify.client.trust.TrustSource;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of {@code subscribe} for the verification of announcements. */
final class VerifyOptions {

    /** Between two attempts to verify. */
    static final Duration PAUSE = Duration.ofSeconds(2);

    @Option(
            names = "--verify",
            paramLabel = "MODE",
            description = {
                "off: accept every announcement. if-key-known: verify where this machine has a master key and knows"
                        + " where the repository is served, else warn and accept. required: verify, or refuse to start.",
                "Default: ${DEFAULT-VALUE}."
            },
            defaultValue = "if-key-known")
    private Mode mode = Mode.IF_KEY_KNOWN;

    @Option(
            names = "--from",
            paramLabel = "URLS",
            description = {
                "Where to read certificate and whitelist, and what --refresh-through refreshes: URLs or folders"
                        + " separated by ; in which @fqrn@ is the repository's name.",
                "Default: CVMFS_SERVER_URL in /etc/cvmfs/repositories.d/NAME/client.conf."
            })
    private @Nullable String from;

    @Mixin
    private TrustOptions trust = new TrustOptions();

    /**
     * Returns a verifier of a manifest's bytes for each repository that can be verified.
     *
     * @param notices takes a sentence for each that cannot
     * @throws InvalidInputException if a repository must be verified and cannot, or a setting is wrong
     */
    Map<RepositoryName, Function<byte[], Verdict>> verifiers(
            Collection<RepositoryName> repositories, RepositoryReader reader, Consumer<String> notices) {
        Map<RepositoryName, Function<byte[], Verdict>> verifiers = new HashMap<>();
        if (mode != Mode.OFF) {
            Optional<ManifestVerifier> verifier = trust.verifier();
            for (RepositoryName repository : repositories) {
                List<RepositoryLocation> locations = locations(repository);
                if (verifier.isPresent() && !locations.isEmpty()) {
                    TrustSource source = TrustOptions.source(reader, locations);
                    verifiers.put(repository, published -> verifier.get().verify(repository, published, source));
                } else {
                    String reason = verifier.isEmpty()
                            ? "this machine has no master key in /etc/cvmfs/keys (--key)"
                            : "neither %s nor --from says where it is served"
                                    .formatted(ClientConfig.file(ClientConfig.ETC, repository));
                    cannotVerify("announcements of %s cannot be verified: %s".formatted(repository, reason), notices);
                }
            }
        }
        return verifiers;
    }

    /** Returns where this repository is read; empty if that is not known. */
    List<RepositoryLocation> locations(RepositoryName repository) {
        return from == null ? ClientConfig.servers(ClientConfig.ETC, repository) : ClientConfig.parse(from, repository);
    }

    private void cannotVerify(String message, Consumer<String> notices) {
        if (mode == Mode.REQUIRED) {
            throw new InvalidInputException(message + "; to accept them nevertheless, give --verify off (notify: -f)");
        }
        notices.accept(message + "; they are accepted unverified");
    }

    /** The verification of announcements. */
    enum Mode {
        /** Accept every announcement. */
        OFF,
        /** Verify where this machine has a master key and knows where the repository is served; else warn and accept. */
        IF_KEY_KNOWN,
        /** Verify; refuse to start where that is not possible. */
        REQUIRED;

        /** Returns the word on the command line. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * {@code repositories.d/NAME/client.conf} on a machine that publishes or replicates a repository: the servers that serve it. Parsed as
     * CernVM-FS does for {@code cvmfs_swissknife notify}: lines {@code KEY=VALUE}, no shell.
     */
    static final class ClientConfig {

        /** The folder of CernVM-FS' configuration. */
        static final Path ETC = Path.of("/etc/cvmfs");

        private static final Pattern SERVER_URL =
                Pattern.compile("\\s*(?:export\\s+|readonly\\s+)?CVMFS_SERVER_URL\\s*=\\s*([^#]*?)\\s*(?:#.*)?");
        private static final Pattern QUOTED = Pattern.compile("\"(.*)\"|'(.*)'");

        private ClientConfig() {}

        /**
         * Returns the servers of a repository, the best first; empty if the machine has no such file.
         *
         * @param etc the folder that holds {@code repositories.d}
         * @throws InvalidInputException if the file cannot be read, or contains an invalid URL
         */
        static List<RepositoryLocation> servers(Path etc, RepositoryName repository) {
            Path file = file(etc, repository);
            if (!Files.exists(file)) {
                return List.of();
            }
            try {
                String urls = "";
                for (String line : Files.readAllLines(file, ISO_8859_1)) {
                    Matcher matcher = SERVER_URL.matcher(line);
                    urls = matcher.matches() ? unquoted(matcher.group(1)) : urls;
                }
                return parse(urls, repository);
            } catch (IOException e) {
                throw new InvalidInputException("cannot read %s: %s".formatted(file, FileProblem.reason(e)), e);
            }
        }

        /** Returns the file with the servers of this repository. */
        static Path file(Path etc, RepositoryName repository) {
            return etc.resolve("repositories.d").resolve(repository.value()).resolve("client.conf");
        }

        /**
         * Parses the value of {@code CVMFS_SERVER_URL}: URLs separated by {@code ;} or {@code |}, in which {@code @fqrn@} is the
         * repository's name and {@code @org@} its first part.
         *
         * @throws InvalidInputException if a URL is invalid
         */
        static List<RepositoryLocation> parse(String urls, RepositoryName repository) {
            return Arrays.stream(urls.split("[;|]"))
                    .map(String::strip)
                    .filter(url -> !url.isEmpty())
                    .map(url -> ReplicaList.expand(url, repository))
                    .map(RepositoryLocation::parse)
                    .toList();
        }

        private static String unquoted(String value) {
            Matcher matcher = QUOTED.matcher(value);
            return matcher.matches() ? value.substring(1, value.length() - 1) : value;
        }
    }

    /** The options for master keys and revocations; the same for every command that verifies. */
    static final class TrustOptions {

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
            return Optional.of(new ManifestVerifier(
                    MasterKeys.read(paths), Blacklist.read(List.of(blacklist)), Clock.systemUTC()));
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
}
