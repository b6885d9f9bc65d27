package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says whether an announcement may be acted upon. Blocks while it reads certificate and whitelist. */
final class AnnouncementCheck {

    /** What came out. */
    enum Result {
        /** Signed by someone this machine trusts. */
        VERIFIED,
        /** Nobody looked, as the user wishes. */
        UNVERIFIED,
        /** Not to be acted upon; the log says why. */
        REJECTED
    }

    private static final Logger LOG = LoggerFactory.getLogger(AnnouncementCheck.class);
    private static final int ATTEMPTS = 3;

    private final Map<RepositoryName, Function<byte[], Verdict>> verifiers;
    private final Duration pause;

    /**
     * @param verifiers for each repository that is to be verified, what says whether to believe its manifests; throws {@link
     *     NotifyException} if it cannot say
     * @param pause between two attempts to verify
     */
    AnnouncementCheck(Map<RepositoryName, Function<byte[], Verdict>> verifiers, Duration pause) {
        this.verifiers = Map.copyOf(verifiers);
        this.pause = pause;
    }

    Result check(ActivityMessage message) throws InterruptedException {
        Function<byte[], Verdict> verifier = verifiers.get(message.repository());
        if (verifier == null) {
            return Result.UNVERIFIED;
        }
        NotifyException failure = null;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            if (attempt > 0) {
                Thread.sleep(pause.toMillis());
            }
            try {
                return result(message, verifier.apply(message.manifestBytes()));
            } catch (NotifyException e) {
                failure = e;
            }
        }
        reject(message, "it cannot be verified: " + (failure == null ? "" : failure.getMessage()));
        return Result.REJECTED;
    }

    private static Result result(ActivityMessage message, Verdict verdict) {
        if (verdict instanceof Verdict.Rejected rejected) {
            reject(message, rejected.explanation());
            return Result.REJECTED;
        }
        return Result.VERIFIED;
    }

    private static void reject(ActivityMessage message, String reason) {
        LOG.atWarn()
                .addKeyValue("repository", message.repository())
                .addKeyValue("revision", message.revision())
                .addKeyValue("reason", reason)
                .log("announcement ignored");
    }
}
