package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import io.jenkins.plugins.cvmfs.notify.client.trust.Blacklist;
import io.jenkins.plugins.cvmfs.notify.client.trust.ManifestVerifier;
import io.jenkins.plugins.cvmfs.notify.client.trust.MasterKeys;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict;
import io.jenkins.plugins.cvmfs.notify.config.Directory;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Verifies a manifest before it is announced, as the {@link Directory} says. Blocks while it reads. */
final class SignatureCheck {

    private final RepositoryReader reader;
    private final Clock clock;
    private final BuildSide build;

    SignatureCheck(RepositoryReader reader, Clock clock, BuildSide build) {
        this.reader = reader;
        this.clock = clock;
        this.build = build;
    }

    /**
     * Returns if the manifest may be announced, and logs why.
     *
     * @throws NotifyException if it may not, or the certificate and whitelist cannot be read
     */
    void require(PublishRequest request, Directory directory, ActivityMessage message) {
        Optional<MasterKeys> keys = directory.keysToVerifyWith(message.repository(), request.verify());
        if (keys.isEmpty()) {
            build.log(request.verify() ? "not verified: no master key is configured" : "not verified: verify is false");
            return;
        }
        RepositoryLocation location = request.manifestFile() == null
                ? request.location(directory)
                : directory.trustFiles(message.repository());
        Verdict verdict = new ManifestVerifier(keys.get(), Blacklist.EMPTY, clock)
                .verify(
                        message.repository(),
                        message.manifestBytes(),
                        (path, maxBytes) -> await(reader.file(location, path, maxBytes)));
        if (verdict instanceof Verdict.Rejected rejected) {
            throw new RefusedException("the manifest is not announced: " + rejected.explanation());
        }
        if (verdict instanceof Verdict.Trusted trusted) {
            build.log("verified: signed by %s; the whitelist is valid until %s"
                    .formatted(trusted.signer(), trusted.whitelistExpires()));
        }
    }

    private static byte[] await(CompletableFuture<byte[]> file) {
        try {
            return file.get();
        } catch (InterruptedException e) {
            file.cancel(true);
            Thread.currentThread().interrupt();
            throw new TransientFailureException("reading was interrupted", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof NotifyException known
                    ? known
                    : new PermanentFailureException("reading failed: " + e.getCause(), e);
        }
    }
}
