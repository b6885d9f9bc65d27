package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import io.jenkins.plugins.cvmfs.notify.client.trust.ManifestVerifier;
import io.jenkins.plugins.cvmfs.notify.client.trust.TrustSource;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict;
import io.jenkins.plugins.cvmfs.notify.proxy.admin.ManifestJson;
import io.jenkins.plugins.cvmfs.notify.proxy.cli.VerifyOptions.TrustOptions;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "verify",
        description = {
            "Verifies a repository's manifest: it must be signed with a certificate in the whitelist, and the whitelist with one of"
                    + " the master keys.",
            "The checks are those of CernVM-FS, in its order; the first that fails is reported."
        },
        footer = {
            "  notify-proxy verify http://stratum1.example.org/cvmfs/software.example.org",
            "  notify-proxy verify --key /etc/cvmfs/keys/example.org/example.org.pub \\",
            "      /srv/cvmfs/software.example.org",
            "  notify-proxy verify saved.cvmfspublished \\",
            "      --from http://stratum1.example.org/cvmfs/software.example.org"
        },
        exitCodeList = {
            "0:it can be trusted",
            "1:the arguments are wrong, or there is no master key",
            "5:it cannot be trusted",
            "6:a file could not be downloaded",
            "7:the manifest's file could not be opened",
            "8:the manifest's file could not be read, or is not a manifest"
        })
final class VerifyCommand extends RootCommand.Base {

    @Mixin
    private TrustOptions trust = new TrustOptions();

    @Parameters(
            paramLabel = "REPOSITORY",
            description = "URL or folder of the repository, or a file with its manifest.")
    @SuppressWarnings("NullAway.Init") // picocli sets it: it is required
    private RepositoryLocation location;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "The name that the repository must have. Default: the name in the manifest.")
    private @Nullable RepositoryName name;

    @Option(
            names = "--from",
            paramLabel = "REPOSITORY",
            description = "Where to read certificate and whitelist, if the manifest is in a file.")
    private @Nullable RepositoryLocation from;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        ManifestVerifier verifier = trust.verifier()
                .orElseThrow(() -> new InvalidInputException("this machine has no master key; give one with --key"));
        RepositoryLocation source = source();
        try (Network network = ServerOptions.openNetwork()) {
            RepositoryReader reader = network.repositoryReader();
            byte[] published = ManifestInput.read(reader, location);
            RepositoryName expected = name == null ? nameIn(published) : name;
            return report(
                    expected, verdict(verifier, expected, published, TrustOptions.source(reader, List.of(source))));
        }
    }

    private RepositoryLocation source() {
        if (from != null) {
            return from;
        }
        if (ManifestInput.isFile(location)) {
            throw new InvalidInputException(
                    "%s is a file; give the URL or folder of its repository with --from".formatted(location));
        }
        return location;
    }

    private static RepositoryName nameIn(byte[] published) {
        try {
            RepositoryName found = Manifest.parse(published).repository();
            if (found == null) {
                throw new CommandFailure(
                        ExitCode.CANNOT_READ,
                        "the manifest has no repository name (no line N)",
                        "Give the expected name with --name.",
                        null);
            }
            return found;
        } catch (InvalidInputException e) {
            throw ManifestInput.noManifest(e);
        }
    }

    private static Verdict verdict(
            ManifestVerifier verifier, RepositoryName expected, byte[] published, TrustSource source) {
        try {
            return verifier.verify(expected, published, source);
        } catch (NotifyException e) {
            throw new CommandFailure(
                    ExitCode.DOWNLOAD_FAILED,
                    String.valueOf(e.getMessage()),
                    "Certificate and whitelist are read from the repository; --from names another source.",
                    e);
        }
    }

    private int report(RepositoryName repository, Verdict verdict) {
        if (verdict instanceof Verdict.Trusted trusted) {
            out().println(json ? json(repository, trusted) : text(repository, trusted));
            return ExitCode.OK;
        }
        Verdict.Rejected rejected = (Verdict.Rejected) verdict;
        String reason = rejected.reason().name().toLowerCase(Locale.ROOT);
        out().println(
                        json
                                ? Output.object()
                                        .put("trusted", false)
                                        .put("repository", repository.value())
                                        .put("reason", reason)
                                        .put("explanation", rejected.explanation())
                                : "NOT TRUSTED: %s (%s)".formatted(rejected.explanation(), reason));
        throw new CommandFailure(
                ExitCode.UNTRUSTED, "%s cannot be trusted".formatted(location), next(rejected.reason()), null);
    }

    private static String next(Verdict.Reason reason) {
        return switch (reason) {
            case EXPIRED_WHITELIST ->
                "Is this machine's clock right? The repository's owner renews the whitelist: cvmfs_server resign";
            case BAD_WHITELIST_SIGNATURE -> "Is this the repository's master key? --key names another.";
            case WRONG_NAME, WRONG_WHITELIST -> "Is it the right address? --name gives the expected name.";
            case UNSUPPORTED_WHITELIST -> "Only the mounted client can verify it.";
            default -> "Do not use it, and tell the repository's owner.";
        };
    }

    private static String text(RepositoryName repository, Verdict.Trusted trusted) {
        return "trusted: %s revision %s, root catalog %s%n  signed by %s%n  whitelist valid until %s"
                .formatted(
                        repository,
                        trusted.manifest().revision(),
                        trusted.manifest().rootCatalog(),
                        trusted.signer(),
                        trusted.whitelistExpires());
    }

    private static JsonNode json(RepositoryName repository, Verdict.Trusted trusted) {
        return Output.object().put("trusted", true).setAll(ManifestJson.of(repository, trusted.manifest()));
    }
}
