package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import io.jenkins.plugins.cvmfs.notify.client.trust.ManifestVerifier;
import io.jenkins.plugins.cvmfs.notify.client.trust.TrustSource;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Whether and how announcements are verified before they are acted upon. */
final class VerifyOptions {

    private static final Logger LOG = LoggerFactory.getLogger(VerifyOptions.class);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    @Option(
            names = "--verify",
            paramLabel = "MODE",
            description = {
                "off: believe every announcement. if-key-known: verify where this machine has a master key and knows where the"
                        + " repository is served, else warn and believe. required: verify, or do not start.",
                "Default: ${DEFAULT-VALUE}."
            },
            defaultValue = "if-key-known")
    private VerifyMode mode = VerifyMode.IF_KEY_KNOWN;

    @Option(
            names = "--from",
            paramLabel = "URLS",
            description = {
                "Where to read certificate and whitelist: URLs or folders with ; between them; @fqrn@ stands for the repository.",
                "Default: CVMFS_SERVER_URL in /etc/cvmfs/repositories.d/NAME/client.conf."
            })
    private @Nullable String from;

    @Mixin
    private TrustOptions trust = new TrustOptions();

    /** @throws InvalidInputException if a repository must be verified and that is not possible, or a setting is wrong */
    AnnouncementCheck check(Collection<RepositoryName> repositories, RepositoryReader reader) {
        Map<RepositoryName, Function<byte[], Verdict>> verifiers = new HashMap<>();
        if (mode != VerifyMode.OFF) {
            Optional<ManifestVerifier> verifier = trust.verifier();
            for (RepositoryName repository : repositories) {
                List<RepositoryLocation> locations = locations(repository);
                if (verifier.isPresent() && !locations.isEmpty()) {
                    TrustSource source = new RepositoryFiles(reader, locations);
                    verifiers.put(repository, published -> verifier.get().verify(repository, published, source));
                } else {
                    cannotVerify(
                            repository,
                            verifier.isEmpty()
                                    ? "this machine has no master key in /etc/cvmfs/keys (--key)"
                                    : "where it is served stands neither in %s nor in --from"
                                            .formatted(ClientConfig.file(ClientConfig.ETC, repository)));
                }
            }
        }
        return new AnnouncementCheck(verifiers, PAUSE);
    }

    private List<RepositoryLocation> locations(RepositoryName repository) {
        return from == null ? ClientConfig.servers(ClientConfig.ETC, repository) : ClientConfig.parse(from, repository);
    }

    private void cannotVerify(RepositoryName repository, String reason) {
        String message = "announcements of %s cannot be verified: %s".formatted(repository, reason);
        if (mode == VerifyMode.REQUIRED) {
            throw new InvalidInputException(message + "; to believe them nevertheless takes --verify off (notify: -f)");
        }
        LOG.warn("{}; they are believed", message);
    }
}
