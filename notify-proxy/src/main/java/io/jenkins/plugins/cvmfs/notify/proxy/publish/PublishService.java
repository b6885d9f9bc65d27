package io.jenkins.plugins.cvmfs.notify.proxy.publish;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.message.MessageFormatException;
import io.jenkins.plugins.cvmfs.notify.proxy.access.AddressGroup;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Caller;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Denial;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.Denied;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.IfVerified;
import io.jenkins.plugins.cvmfs.notify.proxy.access.SubscriberRights;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.log.ActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogState;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Accepted;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Invalid;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Reason;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Refused;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.TooLarge;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Unavailable;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.Admittance;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.Sender;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.VerificationResult;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides what enters the log. All methods may be called from any thread and never block. */
public final class PublishService {

    private static final Logger LOG = LoggerFactory.getLogger(PublishService.class);
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration LATER = Duration.ofSeconds(5);

    /**
     * Longest body that is parsed on the thread that brings it, and longest of somebody without a right. A real one has about 1 KB, and with
     * the longest keys in use not 3.
     */
    static final int SHORT_BYTES = 8 * 1024;

    private static final Unavailable TOO_MANY_REPOSITORIES = new Unavailable(
            Reason.TOO_MANY_REPOSITORIES, "there are as many repositories as allowed (limits.max_repositories)", LATER);
    private static final Unavailable LAST_VALUES_FULL = new Unavailable(
            Reason.LAST_VALUES_FULL,
            "the last announcements of all repositories take as much memory as they may (limits.max_last_value_bytes)",
            LATER);

    private final ActivityLog log;
    private final FanOut fanOut;
    private final Access access;
    private final PendingPublishes pending;
    private final VerificationRoom verifying;
    private final RateLimiter<Allowance> perRepository;
    private final Executor parser;
    private final PublishMetrics metrics;

    /**
     * @param log where accepted messages go; started and closed by whoever puts the proxy together
     * @param access who may do what; closed by whoever puts the proxy together
     * @param maxPending publishes that may be under way at a time
     * @param perRepository how often a repository may be published by one
     * @param parser reads long messages; bounded, may reject
     */
    public PublishService(
            ActivityLog log,
            FanOut fanOut,
            Access access,
            int maxPending,
            RateLimiter<Allowance> perRepository,
            Executor parser,
            MeterRegistry meters) {
        this.log = log;
        this.fanOut = fanOut;
        this.access = access;
        this.verifying = new VerificationRoom(maxPending);
        this.pending = new PendingPublishes(maxPending);
        this.perRepository = perRepository;
        this.parser = parser;
        this.metrics = new PublishMetrics(meters, pending);
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
        if (body.length <= SHORT_BYTES) {
            return admitParsed(body, caller);
        }
        return CompletableFuture.completedFuture(body)
                .thenComposeAsync(longBody -> admitLong(longBody, caller), parser)
                .exceptionally(PublishService::unavailable);
    }

    /** A long body costs milliseconds to parse, so that is done for nobody without a right. */
    private CompletableFuture<PublishOutcome> admitLong(byte[] body, Caller caller) {
        Permission permission = access.mayPublishSome(caller, body);
        if (permission instanceof Denied no) {
            return refused(no);
        }
        if (permission instanceof IfVerified) {
            return CompletableFuture.completedFuture(new TooLarge(
                    "message has %d bytes, allowed without credentials are %d".formatted(body.length, SHORT_BYTES)));
        }
        return admitParsed(body, caller);
    }

    private CompletableFuture<PublishOutcome> admitParsed(byte[] body, Caller caller) {
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
            return CompletableFuture.completedFuture(TOO_MANY_REPOSITORIES);
        }
        Publish publish = new Publish(message, permission, caller);
        boolean ofStranger = permission instanceof IfVerified;
        return switch (pending.begin(ofStranger)) {
            case BEGUN -> publish.take().whenComplete((outcome, impossible) -> pending.end(ofStranger));
            case FULL -> busy(Reason.TOO_MANY_PENDING, "too many publishes wait for confirmation", SOON);
            case DRAINING -> busy(Reason.SHUTTING_DOWN, "the proxy is shutting down", SOON);
        };
    }

    /** One message of somebody who may publish it, if only because of its signature. */
    private final class Publish {

        private final ActivityMessage message;
        private final Permission permission;
        private final Sender sender;

        Publish(ActivityMessage message, Permission permission, Caller caller) {
            this.message = message;
            this.permission = permission;
            this.sender = new Sender(
                    !permission.holder().isEmpty(),
                    AddressGroup.of(caller.peer().address()));
        }

        CompletableFuture<PublishOutcome> take() {
            if (!access.isVerified(message.repository())) {
                return takeUnverified();
            }
            VerificationRoom.Place place = verifying.place(message.repository(), sender);
            return access.verify(message, sender, place::take)
                    .whenComplete((finding, impossible) -> place.leave())
                    .thenCompose(this::decide);
        }

        private CompletableFuture<PublishOutcome> takeUnverified() {
            return permission instanceof IfVerified only
                    ? refused(
                            message, only.otherwise().reason(), only.otherwise().detail())
                    : append(message).handle((appended, failure) -> outcome(failure));
        }

        private CompletableFuture<PublishOutcome> decide(VerificationResult finding) {
            if (finding instanceof VerificationResult.Trusted trusted) {
                return appendVerified(trusted);
            }
            if (finding instanceof VerificationResult.Rejected no) {
                return refused(message, Denial.NOT_TRUSTED, no.explanation());
            }
            if (finding instanceof VerificationResult.Unknown no) {
                Reason reason = no.busy() ? Reason.TOO_MANY_VERIFICATIONS : Reason.VERIFICATION_UNAVAILABLE;
                return busy(reason, no.explanation(), no.retryAfter());
            }
            // The configuration has changed meanwhile: it is no longer verified.
            return takeUnverified();
        }

        /** Only the manifest is signed: what a stranger has put beside it goes to nobody. */
        private CompletableFuture<PublishOutcome> appendVerified(VerificationResult.Trusted finding) {
            ActivityMessage forwarded = sender.hasRight() ? message : access.bare(message);
            return access.admit(message, finding, sender, () -> append(forwarded))
                    .handle((admittance, failure) -> admittance == Admittance.TOO_OLD
                            ? refusal(
                                    message,
                                    Denial.REVISION_TOO_OLD,
                                    "a revision higher than %s was verified before".formatted(message.revision()))
                            : outcome(failure));
        }

        /** Appends if there is room for it as a last value, and the sender has a turn left. */
        private CompletableFuture<Void> append(ActivityMessage appended) {
            return switch (fanOut.reserve(message.repository(), appended.raw().length)) {
                case RESERVED ->
                    takeTurn()
                            .map(CompletableFuture::<Void>failedFuture)
                            .orElseGet(() -> log.append(appended))
                            .whenComplete((done, failure) -> fanOut.release(message.repository()));
                case TOO_MANY_REPOSITORIES ->
                    CompletableFuture.failedFuture(new NotTakenException(TOO_MANY_REPOSITORIES));
                case TOO_MANY_BYTES -> CompletableFuture.failedFuture(new NotTakenException(LAST_VALUES_FULL));
            };
        }

        private Optional<NotTakenException> takeTurn() {
            return perRepository
                    .take(allowance())
                    .map(wait -> new NotTakenException(new Unavailable(
                            Reason.TOO_MANY_OF_REPOSITORY, "the repository is published too often", wait)));
        }

        private Allowance allowance() {
            Object whose = sender.hasRight() ? permission.holder() : sender.network();
            return new Allowance(whose, message.repository());
        }

        private PublishOutcome outcome(@Nullable Throwable failure) {
            return failure == null ? new Accepted(message) : unavailable(failure);
        }
    }

    /**
     * What the rate of a repository is counted by: nobody uses up the turns of others.
     *
     * @param whose the holder of the right, or the address of somebody without one
     */
    public record Allowance(Object whose, RepositoryName repository) {}

    /** The log was not asked to append a message. */
    private static final class NotTakenException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final transient Unavailable outcome;

        NotTakenException(Unavailable outcome) {
            super(outcome.detail(), null, false, false);
            this.outcome = outcome;
        }
    }

    private static CompletableFuture<PublishOutcome> refused(Denied no) {
        LOG.atInfo()
                .addKeyValue("reason", no.reason())
                .addKeyValue("detail", no.detail())
                .log("publish refused");
        return CompletableFuture.completedFuture(new Refused(no.reason(), no.detail()));
    }

    private static CompletableFuture<PublishOutcome> refused(ActivityMessage message, Denial reason, String detail) {
        return CompletableFuture.completedFuture(refusal(message, reason, detail));
    }

    private static PublishOutcome refusal(ActivityMessage message, Denial reason, String detail) {
        LOG.atInfo()
                .addKeyValue("repository", message.repository())
                .addKeyValue("revision", message.revision())
                .addKeyValue("reason", reason)
                .addKeyValue("detail", detail)
                .log("publish refused");
        return new Refused(reason, detail);
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

    /** Has the log forget a repository's last announcement, if the caller may. The future always completes normally. */
    public CompletableFuture<ForgetOutcome> forget(RepositoryName repository, Caller caller) {
        if (access.mayForget(caller, repository) instanceof Denied no) {
            return CompletableFuture.completedFuture(new ForgetOutcome.Refused(no.reason(), no.detail()));
        }
        // What others have announced is not known before the log has told it.
        LogState state = log.state();
        if (fanOut.lastValue(repository).isEmpty() && state.isReady() && state.tellsOfAll()) {
            return CompletableFuture.completedFuture(new ForgetOutcome.Unknown());
        }
        return log.forget(repository).handle((forgotten, failure) -> {
            if (failure == null) {
                return new ForgetOutcome.Forgotten();
            }
            return new ForgetOutcome.Unavailable(((Unavailable) unavailable(failure)).detail());
        });
    }

    private static PublishOutcome unavailable(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof LogUnavailableException) {
            return new Unavailable(Reason.LOG_UNAVAILABLE, String.valueOf(cause.getMessage()), SOON);
        }
        if (cause instanceof NotTakenException no) {
            return no.outcome;
        }
        if (cause instanceof RejectedExecutionException) {
            return new Unavailable(Reason.TOO_MANY_PENDING, "too many long messages wait to be read", SOON);
        }
        LOG.atError().setCause(cause).log("publish failed in a way it should not");
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
