package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriptionListener;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes on the announcements with a revision above the highest so far, verified where that is wanted, and tells the user of lost and
 * refused connections. Called by the subscriber's thread.
 */
final class AnnouncementFilter implements SubscriptionListener {

    private static final Logger LOG = LoggerFactory.getLogger(AnnouncementFilter.class);

    private static final int ATTEMPTS = 3;

    /** The outcome of a verification. */
    enum Result {
        /** Signed by an authority that this machine trusts. */
        VERIFIED,
        /** Not checked, as the user wishes. */
        UNVERIFIED,
        /** Must be ignored. */
        REJECTED
    }

    private final Revision after;
    private final Map<RepositoryName, Function<byte[], Verdict>> verifiers;
    private final Duration pause;
    private final BiConsumer<ActivityMessage, Boolean> sink;
    private final Consumer<String> notices;
    private final LongSupplier nanoTime;
    private final Map<String, Logging.Allowance> allowances = new HashMap<>();
    private final Map<RepositoryName, Revision> highest = new HashMap<>();
    private final Map<RepositoryName, NotifyException> refusals = new HashMap<>();
    private volatile @Nullable NotifyException obstacle =
            new TransientFailureException("the server has not answered yet", new TimeoutException());
    private boolean wasConnected;

    /** When the connection was lost, or the first attempt to connect failed; null while connected. */
    private @Nullable Long lostAtNanos;

    /**
     * @param after only higher revisions are passed on
     * @param verifiers the verifier of each repository that must be verified, by the bytes of a manifest; throws {@link
     *     NotifyException} if it cannot verify
     * @param pause between two attempts to verify
     * @param sink takes each new revision, and whether it was verified; may block
     * @param notices takes sentences for the user, at a limited rate
     * @param nanoTime a monotonic clock
     */
    AnnouncementFilter(
            Revision after,
            Map<RepositoryName, Function<byte[], Verdict>> verifiers,
            Duration pause,
            BiConsumer<ActivityMessage, Boolean> sink,
            Consumer<String> notices,
            LongSupplier nanoTime) {
        this.after = after;
        this.verifiers = Map.copyOf(verifiers);
        this.pause = pause;
        this.sink = sink;
        this.notices = notices;
        this.nanoTime = nanoTime;
    }

    @Override
    public void activity(ActivityMessage message) {
        if (!message.revision().isNewerThan(highest.getOrDefault(message.repository(), after))) {
            LOG.atDebug()
                    .addKeyValue("repository", message.repository())
                    .addKeyValue("revision", message.revision())
                    .log("not a new revision");
            return;
        }
        try {
            Result result = check(message);
            if (result != Result.REJECTED) {
                highest.put(message.repository(), message.revision());
                sink.accept(message, result == Result.VERIFIED);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns why no announcement can arrive at the moment, of one repository or of all; empty if no reason is known. */
    Optional<NotifyException> obstacle() {
        return Optional.ofNullable(obstacle);
    }

    @Override
    public void connected(SubscriptionListener.Connection connection) {
        Long lost = lostAtNanos;
        if (lost != null) {
            Duration away = Duration.ofNanos(nanoTime.getAsLong() - lost);
            notice("connected", "connected%s after %s".formatted(wasConnected ? " again" : "", GateReport.text(away)));
        }
        lostAtNanos = null;
        wasConnected = true;
        LOG.atInfo()
                .addKeyValue("url", connection.url())
                .addKeyValue("protocol", connection.protocol())
                .log("connected");
    }

    /** One notice for each loss of the connection, not for each attempt to reconnect. */
    @Override
    public void disconnected(NotifyException cause, Duration retryIn) {
        obstacle = cause;
        if (lostAtNanos == null) {
            lostAtNanos = nanoTime.getAsLong();
            notice("not connected", "not connected: %s; retrying until it works".formatted(cause.getMessage()));
        }
        LOG.atDebug()
                .addKeyValue("cause", cause.getMessage())
                .addKeyValue("retryInMillis", retryIn.toMillis())
                .log("not connected");
    }

    /** One notice for each repository and reason, not for each attempt to subscribe. */
    @Override
    public void refused(RepositoryName repository, NotifyException cause, Duration retryIn) {
        obstacle = cause;
        NotifyException before = refusals.put(repository, cause);
        if (before == null || !Objects.equals(before.getMessage(), cause.getMessage())) {
            notice("refused " + repository, "subscription refused: %s; retrying".formatted(cause.getMessage()));
        }
    }

    @Override
    public void subscribed(RepositoryName repository) {
        refusals.remove(repository);
        obstacle = refusals.values().stream().findFirst().orElse(null);
    }

    @Override
    public void warning(NotifyException problem) {
        notice("warning", String.valueOf(problem.getMessage()));
    }

    /** A server must not fill the screen: limits each kind; refusals for each repository, which the user has named. */
    private void notice(String kind, String text) {
        long now = nanoTime.getAsLong();
        long suppressed = allowances
                .computeIfAbsent(kind, added -> new Logging.Allowance(now))
                .take(now);
        if (suppressed >= 0) {
            notices.accept(
                    suppressed == 0 ? text : "%s (%d messages of this kind suppressed)".formatted(text, suppressed));
        }
    }

    /** Verifies an announcement, and reports a rejected one. Blocks while it reads certificate and whitelist. */
    Result check(ActivityMessage message) throws InterruptedException {
        Function<byte[], Verdict> verifier = verifiers.get(message.repository());
        if (verifier == null) {
            return Result.UNVERIFIED;
        }
        String reason = "";
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            if (attempt > 0) {
                Thread.sleep(pause.toMillis());
            }
            try {
                Verdict verdict = verifier.apply(message.manifestBytes());
                if (!(verdict instanceof Verdict.Rejected rejected)) {
                    return Result.VERIFIED;
                }
                reason = rejected.explanation();
                break;
            } catch (NotifyException e) {
                reason = "it cannot be verified: " + e.getMessage();
            }
        }
        notice("ignored", "announcement of %s ignored: %s".formatted(message, reason));
        return Result.REJECTED;
    }
}
