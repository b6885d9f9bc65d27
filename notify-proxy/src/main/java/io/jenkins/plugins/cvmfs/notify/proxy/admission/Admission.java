package io.jenkins.plugins.cvmfs.notify.proxy.admission;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.protocol.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.protocol.MessageFormatException;
import io.jenkins.plugins.cvmfs.notify.proxy.admission.Permission.Denied;
import io.jenkins.plugins.cvmfs.notify.proxy.admission.Permission.IfVerified;
import io.jenkins.plugins.cvmfs.notify.proxy.admission.PublishOutcome.Accepted;
import io.jenkins.plugins.cvmfs.notify.proxy.admission.PublishOutcome.Invalid;
import io.jenkins.plugins.cvmfs.notify.proxy.admission.PublishOutcome.Reason;
import io.jenkins.plugins.cvmfs.notify.proxy.admission.PublishOutcome.Refused;
import io.jenkins.plugins.cvmfs.notify.proxy.admission.PublishOutcome.TooLarge;
import io.jenkins.plugins.cvmfs.notify.proxy.admission.PublishOutcome.Unavailable;
import io.jenkins.plugins.cvmfs.notify.proxy.admission.trust.Finding;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides what enters the log. All methods may be called from any thread and never block. */
public final class Admission {

    private static final Logger LOG = LoggerFactory.getLogger(Admission.class);
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration LATER = Duration.ofSeconds(5);

    private final ActivityLog log;
    private final FanOut fanOut;
    private final Access access;
    private final PendingPublishes pending;
    private final VerificationRoom verifying;
    private final RateLimit<RepositoryName> perRepository;
    private final AdmissionMetrics metrics;

    /**
     * @param log where accepted messages go; started and closed by whoever puts the proxy together
     * @param access who may do what; closed by whoever puts the proxy together
     * @param maxPending publishes that may wait for the log's confirm at a time
     * @param perRepository how often a repository may be published
     */
    public Admission(
            ActivityLog log,
            FanOut fanOut,
            Access access,
            int maxPending,
            RateLimit<RepositoryName> perRepository,
            MeterRegistry meters) {
        this.log = log;
        this.fanOut = fanOut;
        this.access = access;
        this.verifying = new VerificationRoom(maxPending);
        this.pending = new PendingPublishes(maxPending);
        this.perRepository = perRepository;
        this.metrics = new AdmissionMetrics(meters, pending);
    }

    /**
     * Takes on the body of a publish. The future always completes normally, with how it ended, and within the time limits of the
     * log and of reading from the stratum 0.
     *
     * @param body the message as it came; kept, so the caller must not change it afterwards
     * @param caller who sends it
     */
    public CompletableFuture<PublishOutcome> submit(byte[] body, Caller caller) {
        long startNanos = System.nanoTime();
        return admit(body, caller).thenApply(outcome -> {
            metrics.ended(outcome, System.nanoTime() - startNanos);
            return outcome;
        });
    }

    private CompletableFuture<PublishOutcome> admit(byte[] body, Caller caller) {
        ActivityMessage message;
        try {
            message = ActivityMessage.parse(body);
        } catch (MessageFormatException e) {
            return CompletableFuture.completedFuture(refusal(e));
        }
        Permission permission = access.mayPublish(caller, message.repository(), body);
        if (permission instanceof Denied no) {
            return refused(message, no.reason(), no.detail());
        }
        if (!fanOut.hasRoomFor(message.repository())) {
            return tooManyRepositories();
        }
        Optional<Duration> wait = perRepository.take(message.repository());
        if (wait.isPresent()) {
            return busy(Reason.TOO_MANY_OF_REPOSITORY, "the repository is published too often", wait.get());
        }
        return switch (pending.begin()) {
            case BEGUN -> take(message, permission).whenComplete((outcome, impossible) -> pending.end());
            case FULL -> busy(Reason.TOO_MANY_PENDING, "too many publishes wait for confirmation", SOON);
            case DRAINING -> busy(Reason.SHUTTING_DOWN, "the proxy is shutting down", SOON);
        };
    }

    private CompletableFuture<PublishOutcome> take(ActivityMessage message, Permission permission) {
        if (!access.isVerified(message.repository())) {
            return permission instanceof IfVerified only
                    ? refused(
                            message, only.otherwise().reason(), only.otherwise().detail())
                    : append(message);
        }
        if (!verifying.enter(message.repository())) {
            return busy(
                    Reason.TOO_MANY_VERIFICATIONS, "too many publishes of this repository are being verified", SOON);
        }
        return access.verify(message)
                .whenComplete((finding, impossible) -> verifying.leave(message.repository()))
                .thenCompose(finding -> decide(message, permission, finding));
    }

    private CompletableFuture<PublishOutcome> decide(ActivityMessage message, Permission permission, Finding finding) {
        if (finding instanceof Finding.Trusted trusted) {
            return appendVerified(message, trusted);
        }
        if (finding instanceof Finding.Rejected no) {
            return refused(message, Denial.NOT_TRUSTED, no.explanation());
        }
        if (finding instanceof Finding.Unknown no) {
            Reason reason = no.busy() ? Reason.TOO_MANY_VERIFICATIONS : Reason.VERIFICATION_UNAVAILABLE;
            return busy(reason, no.explanation(), no.retryAfter());
        }
        // The configuration has changed meanwhile: it is no longer verified.
        return permission instanceof IfVerified only
                ? refused(message, only.otherwise().reason(), only.otherwise().detail())
                : append(message);
    }

    private CompletableFuture<PublishOutcome> appendVerified(ActivityMessage message, Finding.Trusted finding) {
        List<CompletableFuture<PublishOutcome>> appended = new ArrayList<>(1);
        return access.admit(message, finding, () -> appended.add(append(message)))
                ? appended.get(0)
                : refused(
                        message,
                        Denial.REVISION_TOO_OLD,
                        "a revision higher than %s was verified before".formatted(message.revision()));
    }

    private static CompletableFuture<PublishOutcome> refused(ActivityMessage message, Denial reason, String detail) {
        LOG.atInfo()
                .addKeyValue("repository", message.repository())
                .addKeyValue("revision", message.revision())
                .addKeyValue("reason", reason)
                .addKeyValue("detail", detail)
                .log("publish refused");
        return CompletableFuture.completedFuture(new Refused(reason, detail));
    }

    /** What a subscriber may hear of, for as long as it is connected. */
    public SubscriberRights subscriber(Caller caller) {
        return access.subscriber(caller);
    }

    private static PublishOutcome refusal(MessageFormatException e) {
        String detail = String.valueOf(e.getMessage());
        LOG.atInfo().addKeyValue("detail", detail).log("publish refused");
        return e.fault() == MessageFormatException.Fault.TOO_LARGE ? new TooLarge(detail) : new Invalid(detail);
    }

    private static CompletableFuture<PublishOutcome> busy(Reason reason, String detail, Duration retryAfter) {
        return CompletableFuture.completedFuture(new Unavailable(reason, detail, retryAfter));
    }

    private CompletableFuture<PublishOutcome> append(ActivityMessage message) {
        return switch (fanOut.reserve(message.repository(), message.raw().length)) {
            case RESERVED ->
                log.append(message).handle((appended, failure) -> {
                    fanOut.release(message.repository());
                    return failure == null ? new Accepted(message) : unavailable(failure);
                });
            case TOO_MANY_REPOSITORIES -> tooManyRepositories();
            case TOO_MANY_BYTES ->
                busy(
                        Reason.LAST_VALUES_FULL,
                        "the last announcements of all repositories take as much memory as they may (limits.max_last_value_bytes)",
                        LATER);
        };
    }

    private static CompletableFuture<PublishOutcome> tooManyRepositories() {
        return busy(
                Reason.TOO_MANY_REPOSITORIES,
                "there are as many repositories as allowed (limits.max_repositories)",
                LATER);
    }

    private static PublishOutcome unavailable(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof LogUnavailableException) {
            return new Unavailable(Reason.LOG_UNAVAILABLE, String.valueOf(cause.getMessage()), SOON);
        }
        LOG.atError().setCause(cause).log("the activity log failed in a way it should not");
        return new Unavailable(Reason.LOG_UNAVAILABLE, "the activity log failed", SOON);
    }

    /**
     * Makes sure that announcements of this repository reach the fan-out, whoever publishes them. While the log is not connected
     * nothing is lost by that: it follows, and catches up, when it is.
     */
    public void follow(RepositoryName repository) {
        log.follow(repository).exceptionally(failure -> {
            LOG.atDebug()
                    .addKeyValue("repository", repository)
                    .addKeyValue("detail", failure.getMessage())
                    .log("will follow when the log is connected");
            return null;
        });
    }

    /** Refuses publishes from now on. The future completes when none is pending any more. */
    public CompletableFuture<Void> drain() {
        return pending.drain();
    }

    /** Whether {@link #drain()} was called. */
    public boolean isDraining() {
        return pending.isDraining();
    }
}
