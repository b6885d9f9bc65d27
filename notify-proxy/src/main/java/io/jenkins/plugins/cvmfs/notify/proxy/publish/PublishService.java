package io.jenkins.plugins.cvmfs.notify.proxy.publish;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.message.MessageFormatException;
import io.jenkins.plugins.cvmfs.notify.proxy.access.AccessRules;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Caller;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Denial;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.Denied;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.IfVerified;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.UpToUpstream;
import io.jenkins.plugins.cvmfs.notify.proxy.access.RateLimiter;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Refusals;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Refusals.Kind;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LimitsConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.log.ActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogRefusalException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogState;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.PublishOrigin;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Accepted;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Invalid;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Reason;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Refused;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.TooLarge;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Unavailable;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.UnknownRepository;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.SignatureVerifier;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.SignatureVerifier.Sender;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.VerificationResult;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.VerificationResult.Admittance;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Decides which announcements enter the log: checks the rate, the message, the sender's right and the signature, in this order, and
 * completes once the log has confirmed. Thread-safe; nothing blocks.
 */
public final class PublishService {

    private static final Logger LOG = LoggerFactory.getLogger(PublishService.class);

    /** Has one line for each announcement that entered the log, however many there are. */
    private static final Logger AUDIT = LoggerFactory.getLogger("io.jenkins.plugins.cvmfs.notify.audit");

    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration LATER = Duration.ofSeconds(5);

    /**
     * The longest body that is parsed on the calling thread, and the longest of a sender without a right. A real one has about 1 KB, and with
     * the longest keys in use less than 3.
     */
    static final int SHORT_BYTES = 8 * 1024;

    private static final Unavailable TOO_MANY_REPOSITORIES = new Unavailable(
            Reason.TOO_MANY_REPOSITORIES, "there are as many repositories as allowed (limits.max_repositories)", LATER);
    private static final Unavailable LAST_VALUES_FULL = new Unavailable(
            Reason.LAST_VALUES_FULL,
            "the last values of all repositories take as much memory as allowed (limits.max_last_value_bytes)",
            LATER);

    /**
     * Limits on publishes.
     *
     * @param maxPending publishes that may be pending at a time
     * @param perPublisher how often one network may publish
     * @param perRepository how often one sender may publish one repository
     */
    public record Limits(int maxPending, RateLimiter<InetAddress> perPublisher, RateLimiter<Quota> perRepository) {

        public static Limits of(LimitsConfig config) {
            return new Limits(
                    config.maxPendingPublishes(),
                    new RateLimiter<>(config.fairShare().publishesPerPublisher()),
                    new RateLimiter<>(config.fairShare().publishesPerRepository()));
        }
    }

    /**
     * The key of a repository's rate limit: no sender uses up another one's.
     *
     * @param holder names the right, or is the network of a sender without one
     */
    record Quota(Object holder, RepositoryName repository) {}

    private final ActivityLog log;
    private final FanOut fanOut;
    private final Supplier<AccessRules> access;
    private final SignatureVerifier signatures;
    private final Limits limits;
    private final PendingPublishes pending;
    private final Executor parser;
    private final Refusals refusals;
    private final Clock clock;
    private final PublishMetrics metrics;

    /**
     * @param log where announcements go; started and closed by its owner
     * @param access returns the rules in effect
     * @param signatures closed by its owner
     * @param parser parses long bodies; bounded, may reject
     * @param refusals gets what was refused for the sender's sake, not for the service's
     * @param clock gives the time of announcements whose sender is a stranger
     */
    public PublishService(
            ActivityLog log,
            FanOut fanOut,
            Supplier<AccessRules> access,
            SignatureVerifier signatures,
            Limits limits,
            Executor parser,
            Refusals refusals,
            Clock clock,
            MeterRegistry meters) {
        this.log = log;
        this.fanOut = fanOut;
        this.access = access;
        this.signatures = signatures;
        this.limits = limits;
        this.pending = new PendingPublishes(limits.maxPending());
        this.parser = parser;
        this.refusals = refusals;
        this.clock = clock;
        this.metrics = new PublishMetrics(meters, pending::count);
    }

    /**
     * Takes the body of a publish. The future always completes normally, within the time limits of the log and of the reads from the
     * stratum 0.
     *
     * @param body kept, so the caller must not change it afterwards
     * @param relays the ids of the relays that passed it on, the first one first
     */
    public CompletableFuture<PublishOutcome> submit(byte[] body, Caller caller, List<String> relays) {
        long startNanos = System.nanoTime();
        return counted(checkRate(body, caller, relays), startNanos);
    }

    private CompletableFuture<PublishOutcome> counted(CompletableFuture<PublishOutcome> publish, long startNanos) {
        return publish.thenApply(outcome -> {
            metrics.ended(outcome, System.nanoTime() - startNanos);
            return outcome;
        });
    }

    private CompletableFuture<PublishOutcome> refused(
            PublishOutcome outcome, Caller caller, @Nullable ActivityMessage message) {
        logRefused(outcome, address(caller), message);
        return CompletableFuture.completedFuture(noted(outcome, address(caller), message));
    }

    /** Remembers what is refused for the sender's sake, by the word that the sender gets. */
    private PublishOutcome noted(PublishOutcome outcome, String address, @Nullable ActivityMessage message) {
        boolean isOfService = outcome instanceof Unavailable no && !no.reason().isRate();
        if (!(outcome instanceof Accepted) && !isOfService) {
            String reason = outcome instanceof Invalid
                    ? "invalid_message"
                    : outcome instanceof TooLarge ? "message_too_large" : outcome.word();
            refusals.add(
                    Kind.PUBLISH, address, message == null ? null : message.repository(), reason, outcome.detail());
        }
        return outcome;
    }

    private CompletableFuture<PublishOutcome> checkRate(byte[] body, Caller caller, List<String> relays) {
        Optional<Duration> wait = limits.perPublisher().take(caller.peer().network());
        if (wait.isPresent()) {
            return refused(
                    new Unavailable(Reason.TOO_MANY_OF_PUBLISHER, "this address publishes too often", wait.get()),
                    caller,
                    null);
        }
        CompletableFuture<Caller> identified = access.get().identified(caller);
        if (body.length <= SHORT_BYTES) {
            return identified.thenCompose(known -> parse(body, known, relays));
        }
        return identified
                .thenComposeAsync(known -> checkLong(body, known, relays), parser)
                .exceptionally(failure -> {
                    PublishOutcome outcome = outcome(failure);
                    logRefused(outcome, address(caller), null);
                    return outcome;
                });
    }

    /** A long body takes milliseconds to parse, so only that of a sender with a right is parsed. */
    private CompletableFuture<PublishOutcome> checkLong(byte[] body, Caller caller, List<String> relays) {
        Permission permission = access.get().mayPublishSome(caller, body);
        if (permission instanceof Denied no) {
            return refused(new Refused(no.reason(), no.detail()), caller, null);
        }
        if (permission instanceof IfVerified) {
            return refused(
                    new TooLarge("message has %d bytes, allowed without credentials are %d"
                            .formatted(body.length, SHORT_BYTES)),
                    caller,
                    null);
        }
        return parse(body, caller, relays);
    }

    private CompletableFuture<PublishOutcome> parse(byte[] body, Caller caller, List<String> relays) {
        ActivityMessage message;
        try {
            message = ActivityMessage.parse(body);
        } catch (MessageFormatException e) {
            String detail = String.valueOf(e.getMessage());
            return refused(
                    e.fault() == MessageFormatException.Fault.TOO_LARGE ? new TooLarge(detail) : new Invalid(detail),
                    caller,
                    null);
        }
        Permission permission = access.get().mayPublish(caller, message.repository(), body);
        if (permission instanceof Denied no) {
            return refused(new Refused(no.reason(), no.detail()), caller, message);
        }
        return publishIfRoom(message, Announcer.of(caller, permission, relays))
                .thenApply(outcome -> noted(outcome, address(caller), message));
    }

    /**
     * Takes an announcement that the proxy makes itself, of a manifest that it has read where the configuration says. It is verified as any
     * other, and the last revision of a verified repository is not announced again. The future completes as that of {@link #submit}.
     *
     * @param publisher names what made the proxy read it, for the audit line
     * @param address where that came from, or where the manifest was read
     * @param id the same for the same announcement by other proxies of the broker
     */
    public CompletableFuture<PublishOutcome> announce(
            ActivityMessage message, String publisher, String address, UUID id) {
        long startNanos = System.nanoTime();
        Announcer proxy = new Announcer(
                new Permission.Granted(publisher),
                new Sender(true, false, InetAddress.getLoopbackAddress()),
                new PublishOrigin(List.of(), null, id),
                address);
        return counted(publishIfRoom(message, proxy), startNanos);
    }

    private CompletableFuture<PublishOutcome> publishIfRoom(ActivityMessage message, Announcer by) {
        CompletableFuture<PublishOutcome> ended = fanOut.hasRoomFor(message.repository())
                ? publish(message, by)
                : CompletableFuture.completedFuture(TOO_MANY_REPOSITORIES);
        return ended.thenApply(outcome -> {
            if (outcome instanceof Accepted) {
                logAccepted(message, by);
            } else {
                logRefused(outcome, by.address(), message);
            }
            return outcome;
        });
    }

    private CompletableFuture<PublishOutcome> publish(ActivityMessage message, Announcer by) {
        boolean ofStranger = by.permission() instanceof IfVerified || by.permission() instanceof UpToUpstream;
        return switch (pending.begin(ofStranger)) {
            case BEGUN ->
                new Publish(message, by).start().whenComplete((outcome, impossible) -> pending.end(ofStranger));
            case FULL -> unavailable(Reason.TOO_MANY_PENDING, "too many publishes wait for confirmation", SOON);
            case DRAINING -> unavailable(Reason.SHUTTING_DOWN, "the proxy is shutting down", SOON);
        };
    }

    private static void logAccepted(ActivityMessage message, Announcer by) {
        String holder = by.permission() instanceof IfVerified
                ? "a verified signature"
                : by.permission().holder();
        AUDIT.atInfo()
                .addKeyValue("repository", message.repository())
                .addKeyValue("revision", message.revision())
                .addKeyValue("publisher", holder.isEmpty() ? "everyone" : holder)
                .addKeyValue("address", by.address())
                .log("announcement accepted");
    }

    /**
     * The sender of an announcement, or the proxy itself.
     *
     * @param permission the right to, if only because of a signature
     * @param address for the log
     */
    private record Announcer(Permission permission, Sender sender, PublishOrigin origin, String address) {

        static Announcer of(Caller caller, Permission permission, List<String> relays) {
            String passedOn = permission instanceof UpToUpstream
                    ? caller.authorization().get(0).value()
                    : null;
            return new Announcer(
                    permission,
                    new Sender(!permission.holder().isEmpty(), caller.peer().network()),
                    new PublishOrigin(relays, passedOn),
                    PublishService.address(caller));
        }
    }

    /** One announcement whose sender may publish it, if only because of its signature. */
    private final class Publish {

        private final ActivityMessage message;
        private final Announcer by;
        private final Sender sender;

        Publish(ActivityMessage message, Announcer by) {
            this.message = message;
            this.by = by;
            this.sender = by.sender();
        }

        CompletableFuture<PublishOutcome> start() {
            return signatures.isVerified(message.repository())
                    ? signatures.verify(message, sender).thenCompose(this::decide)
                    : appendUnverified();
        }

        private CompletableFuture<PublishOutcome> appendUnverified() {
            return by.permission() instanceof IfVerified only
                    ? refused(only.otherwise().reason(), only.otherwise().detail())
                    : append(message).handle((appended, failure) -> outcome(failure));
        }

        private CompletableFuture<PublishOutcome> decide(VerificationResult result) {
            if (result instanceof VerificationResult.Trusted trusted) {
                return appendVerified(trusted);
            }
            if (result instanceof VerificationResult.Rejected no) {
                return refused(Denial.NOT_TRUSTED, no.explanation());
            }
            if (result instanceof VerificationResult.Unknown no) {
                Reason reason = no.busy() ? Reason.TOO_MANY_VERIFICATIONS : Reason.VERIFICATION_UNAVAILABLE;
                return unavailable(reason, no.explanation(), no.retryAfter());
            }
            // The configuration has changed meanwhile, and verification is no longer required.
            return appendUnverified();
        }

        /** Only the manifest is signed: whatever else a stranger sends is dropped, as the C++ publisher writes nothing else. */
        private CompletableFuture<PublishOutcome> appendVerified(VerificationResult.Trusted trusted) {
            ActivityMessage forwarded =
                    sender.hasRight() ? message : ActivityMessage.announce(message.manifestBytes(), clock.instant());
            return signatures
                    .admit(message, trusted, sender, () -> append(forwarded))
                    .handle((admittance, failure) -> admittance == Admittance.TOO_OLD
                            ? new Refused(
                                    Denial.REVISION_TOO_OLD,
                                    "a revision higher than %s was verified before".formatted(message.revision()))
                            : outcome(failure));
        }

        /** Appends if it fits as a last value and the sender is within the repository's rate. */
        private CompletableFuture<Void> append(ActivityMessage appended) {
            return switch (fanOut.reserve(message.repository(), appended.raw().length)) {
                case RESERVED ->
                    exceededRate()
                            .map(CompletableFuture::<Void>failedFuture)
                            .orElseGet(() -> log.append(appended, by.origin()))
                            .whenComplete((done, failure) -> fanOut.release(message.repository()));
                case TOO_MANY_REPOSITORIES ->
                    CompletableFuture.failedFuture(new NotAppendedException(TOO_MANY_REPOSITORIES));
                case TOO_MANY_BYTES -> CompletableFuture.failedFuture(new NotAppendedException(LAST_VALUES_FULL));
            };
        }

        private Optional<NotAppendedException> exceededRate() {
            Object holder = sender.hasRight() ? by.permission().holder() : sender.network();
            return limits.perRepository()
                    .take(new Quota(holder, message.repository()))
                    .map(wait -> new NotAppendedException(new Unavailable(
                            Reason.TOO_MANY_OF_REPOSITORY, "the repository is published too often", wait)));
        }
    }

    /** Thrown if the log was not asked to append an announcement. */
    private static final class NotAppendedException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final transient Unavailable outcome;

        NotAppendedException(Unavailable outcome) {
            super(outcome.detail(), null, false, false);
            this.outcome = outcome;
        }
    }

    private static void logRefused(PublishOutcome outcome, String address, @Nullable ActivityMessage message) {
        LoggingEventBuilder line = LOG.atInfo();
        if (message != null) {
            line = line.addKeyValue("repository", message.repository()).addKeyValue("revision", message.revision());
        }
        line.addKeyValue("address", address)
                .addKeyValue("reason", outcome.word())
                .addKeyValue("detail", outcome.detail())
                .log("publish refused");
    }

    private static String address(Caller caller) {
        return caller.peer().address().getHostAddress();
    }

    private static CompletableFuture<PublishOutcome> refused(Denial reason, String detail) {
        return CompletableFuture.completedFuture(new Refused(reason, detail));
    }

    private static CompletableFuture<PublishOutcome> unavailable(Reason reason, String detail, Duration retryAfter) {
        return CompletableFuture.completedFuture(new Unavailable(reason, detail, retryAfter));
    }

    private static PublishOutcome outcome(@Nullable Throwable failure) {
        if (failure == null) {
            return new Accepted();
        }
        Throwable cause = NotifyException.unwrapped(failure);
        if (cause instanceof LogUnavailableException no) {
            Duration retryAfter = no.retryAfter().orElse(SOON);
            return new Unavailable(Reason.LOG_UNAVAILABLE, String.valueOf(no.getMessage()), retryAfter);
        }
        if (cause instanceof LogRefusalException no) {
            String detail = String.valueOf(no.getMessage());
            return switch (no.why()) {
                case INVALID -> new Invalid(detail);
                case NOT_HERE -> new Refused(Denial.NOT_ALLOWED, detail);
                case BY_UPSTREAM -> new Refused(Denial.REFUSED_UPSTREAM, detail);
                case LOOP -> new Refused(Denial.RELAY_LOOP, detail);
            };
        }
        if (cause instanceof NotAppendedException no) {
            return no.outcome;
        }
        if (cause instanceof RejectedExecutionException) {
            return new Unavailable(Reason.TOO_MANY_PENDING, "too many long messages wait to be parsed", SOON);
        }
        LOG.atError().setCause(cause).log("publish fails unexpectedly");
        return new Unavailable(Reason.LOG_UNAVAILABLE, "the activity log failed", SOON);
    }

    /** Has the log forget a repository's last value, if the caller may. The future always completes normally. */
    public CompletableFuture<PublishOutcome> forget(RepositoryName repository, Caller caller) {
        Permission permission = access.get().mayForget(caller, repository);
        if (permission instanceof Denied no) {
            return refused(no.reason(), no.detail());
        }
        // Announcements through other proxies are unknown until the log has delivered them.
        LogState state = log.state();
        if (fanOut.newestValue(repository).isEmpty() && state.isReady() && state.knowsAll()) {
            return CompletableFuture.completedFuture(new UnknownRepository());
        }
        return log.forget(repository).handle((forgotten, failure) -> {
            if (failure == null) {
                AUDIT.atInfo()
                        .addKeyValue("repository", repository)
                        .addKeyValue("publisher", permission.holder())
                        .addKeyValue("address", address(caller))
                        .log("repository forgotten");
            }
            return outcome(failure);
        });
    }

    /** Refuses publishes from now on. The future completes when none is pending. */
    public CompletableFuture<Void> drain() {
        return pending.drain();
    }

    /** Returns true after {@link #drain()}. */
    public boolean isDraining() {
        return pending.draining;
    }

    /**
     * Counts the publishes that are being verified or wait for the log's confirm. Publishes of strangers take at most half of the
     * places. Thread-safe.
     */
    static final class PendingPublishes {

        enum Entry {
            BEGUN,
            FULL,
            DRAINING
        }

        private final int limit;
        private final int limitForStrangers;
        private final AtomicInteger strangers = new AtomicInteger();
        private final AtomicInteger count = new AtomicInteger();
        private final CompletableFuture<Void> drained = new CompletableFuture<>();
        private volatile boolean draining;

        PendingPublishes(int limit) {
            this.limit = limit;
            this.limitForStrangers = Math.max(1, limit / 2);
        }

        /** Begins a publish; each {@link Entry#BEGUN} requires one {@link #end} of the same kind. */
        Entry begin(boolean ofStranger) {
            // Counted before draining is read, so that drain() either waits for this publish or stops it.
            boolean fits = count.incrementAndGet() <= limit;
            fits &= !ofStranger || strangers.incrementAndGet() <= limitForStrangers;
            if (!draining && fits) {
                return Entry.BEGUN;
            }
            end(ofStranger);
            return draining ? Entry.DRAINING : Entry.FULL;
        }

        void end(boolean ofStranger) {
            if (ofStranger) {
                strangers.decrementAndGet();
            }
            if (count.decrementAndGet() == 0 && draining) {
                drained.complete(null);
            }
        }

        CompletableFuture<Void> drain() {
            draining = true;
            if (count.get() == 0) {
                drained.complete(null);
            }
            return drained.copy();
        }

        int count() {
            return count.get();
        }
    }
}
