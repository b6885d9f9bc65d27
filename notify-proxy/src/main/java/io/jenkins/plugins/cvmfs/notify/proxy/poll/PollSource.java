package io.jenkins.plugins.cvmfs.notify.proxy.poll;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.DaemonThreads;
import io.jenkins.plugins.cvmfs.notify.client.transport.FetchedManifest;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Reloadable;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.log.ActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogState;
import io.jenkins.plugins.cvmfs.notify.proxy.poll.PollOutcome.Announced;
import io.jenkins.plugins.cvmfs.notify.proxy.poll.PollOutcome.NoAddress;
import io.jenkins.plugins.cvmfs.notify.proxy.poll.PollOutcome.NotAnnounced;
import io.jenkins.plugins.cvmfs.notify.proxy.poll.PollOutcome.Older;
import io.jenkins.plugins.cvmfs.notify.proxy.poll.PollOutcome.Unchanged;
import io.jenkins.plugins.cvmfs.notify.proxy.poll.PollOutcome.Unreadable;
import io.jenkins.plugins.cvmfs.notify.proxy.poll.PollOutcome.Why;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Accepted;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Reason;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Unavailable;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishService;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.ByteArrayOutputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Announces what the configured repositories publish: reads their manifests at their intervals, and when {@linkplain #refresh asked to}, and
 * has published what the log does not have. Reads nothing but what the configuration names.
 *
 * <p>Proxies that share a broker need not agree on who reads: what one has announced, the others find in the log; and if two announce
 * the same at one moment, both do so with one id, and the log delivers it once. A lower revision counts as a rollback only if it was
 * published later than the announced one; otherwise the place that was read is behind. While the log is not ready nothing is read.
 *
 * <p>Thread-safe; nothing blocks. A repository is read again only when its announcement has been answered.
 */
public final class PollSource implements Reloadable, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PollSource.class);

    /** The first reads after a start or a reload are spread over so much time for each repository, up to its interval. */
    private static final Duration SPREAD = Duration.ofMillis(50);

    /** A manifest that was refused is not published again before that, unless its read is asked for. */
    static final Duration REFUSED_PAUSE = Duration.ofMinutes(5);

    /** Within this time several proxies announce a repository that was never announced with one id. */
    private static final Duration FIRST_ANNOUNCEMENTS = Duration.ofMinutes(10);

    /** Repositories that are read only when asked for; beyond this, those that are not being read are forgotten. */
    static final int MOST_UNPOLLED = 1_000;

    private static final Duration SOON = Duration.ofSeconds(1);

    /**
     * The reason to read a manifest, for the log.
     *
     * @param publisher such as {@code a poll} or {@code refresh by token CI}
     * @param address where a request came from, or what is polled
     */
    record Cause(String publisher, String address) {}

    private final ActivityLog log;
    private final FanOut fanOut;
    private final PublishService publishing;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final ScheduledExecutorService thread;
    private final ManifestPoller<PollOutcome> poller;
    private final Map<Class<?>, Counter> outcomes;
    private volatile AccessConfig config;

    /** Those that are polled, and those that were asked for; on the thread only. */
    private final Map<RepositoryName, Polled> known = new HashMap<>();

    private final Map<Object, CompletableFuture<PollOutcome>> unanswered = new ConcurrentHashMap<>();
    private volatile int polled;

    /** Reads nothing before {@link #start}. */
    public PollSource(
            AccessConfig config,
            ManifestPoller.Source manifests,
            ActivityLog log,
            FanOut fanOut,
            PublishService publishing,
            Clock clock,
            MeterRegistry meters) {
        this(
                config,
                manifests,
                log,
                fanOut,
                publishing,
                DaemonThreads.scheduler("cvmfs-notify-polls"),
                clock,
                System::nanoTime,
                meters);
    }

    /** @param thread one thread, which drops tasks after its shutdown; closed with this object */
    PollSource(
            AccessConfig config,
            ManifestPoller.Source manifests,
            ActivityLog log,
            FanOut fanOut,
            PublishService publishing,
            ScheduledExecutorService thread,
            Clock clock,
            LongSupplier nanoTime,
            MeterRegistry meters) {
        this.config = config;
        this.log = log;
        this.fanOut = fanOut;
        this.publishing = publishing;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.thread = thread;
        this.poller = new ManifestPoller<>(manifests, thread, nanoTime, new Random());
        this.outcomes = Map.of(
                Announced.class, outcome(meters, "announced"),
                Unchanged.class, outcome(meters, "unchanged"),
                Older.class, outcome(meters, "older"),
                NotAnnounced.class, outcome(meters, "not_announced"),
                Unreadable.class, outcome(meters, "unreadable"));
        Gauge.builder("cvmfs_notify_polled_repositories", this, source -> source.polled)
                .description("Repositories whose manifest is read at an interval")
                .register(meters);
        Gauge.builder("cvmfs_notify_polls_waiting", poller, ManifestPoller::waiting)
                .description("Reads that are due and wait for their host, which is asked one thing at a time")
                .register(meters);
        Gauge.builder("cvmfs_notify_polled_hosts_failing", poller, ManifestPoller::failing)
                .description("Hosts that could not be reached, were too slow or busy at the last read")
                .register(meters);
    }

    private static Counter outcome(MeterRegistry meters, String outcome) {
        return Counter.builder("cvmfs_notify_polls")
                .description("Manifests read to announce what is new, by outcome")
                .tag("outcome", outcome)
                .register(meters);
    }

    /** Begins to read; called once, when the log has been started. */
    public void start() {
        thread.execute(() -> use(config));
    }

    @Override
    public Runnable prepare(ProxyConfig next) {
        return () -> {
            config = next.access();
            thread.execute(() -> use(next.access()));
        };
    }

    /** Goes on with what stays as it is, and keeps what was read of it. */
    private void use(AccessConfig next) {
        Map<RepositoryName, RepositoryConfig> wanted = new HashMap<>();
        next.repositories().stream()
                .filter(entry -> entry.poll().isPresent())
                .forEach(entry ->
                        wanted.putIfAbsent(new RepositoryName(entry.name().text()), entry));
        known.entrySet().removeIf(each -> {
            RepositoryConfig entry = wanted.get(each.getKey());
            boolean isKept = entry != null && each.getValue().isAt(entry.location(each.getKey()));
            if (!isKept) {
                each.getValue().poll.stop();
            }
            return !isKept;
        });
        wanted.forEach((name, entry) -> {
            Duration interval = entry.poll().orElseThrow();
            Duration spread = SPREAD.multipliedBy(wanted.size());
            Polled repository = known.computeIfAbsent(name, none -> new Polled(name, entry.location(name)));
            if (!interval.equals(repository.interval)) {
                repository.interval = interval;
                repository.poll.every(interval, spread.compareTo(interval) < 0 ? spread : interval);
            }
        });
        if (polled != wanted.size()) {
            polled = wanted.size();
            LOG.atInfo().addKeyValue("repositories", polled).log("polling manifests");
        }
    }

    /**
     * Reads the manifest of a repository now, whether or not it is polled, and has it announced if it is new; with queues, some seconds after
     * the first time, when what other proxies have announced is known. Always completes normally, soon after the time limit of a read.
     */
    CompletableFuture<PollOutcome> refresh(RepositoryName name, Cause by) {
        Optional<RepositoryLocation> location = config.repository(name)
                .filter(entry -> !entry.stratum0().isEmpty())
                .map(entry -> entry.location(name));
        if (location.isEmpty()) {
            return CompletableFuture.completedFuture(new NoAddress());
        }
        LogState state = log.state();
        if (!state.isTailing()) {
            return CompletableFuture.completedFuture(
                    notNow(Reason.LOG_UNAVAILABLE, "the log is not ready: " + state.detail()));
        }
        CompletableFuture<PollOutcome> answer = new CompletableFuture<>();
        Object key = new Object();
        unanswered.put(key, answer);
        var unused = answer.whenComplete((outcome, impossible) -> unanswered.remove(key));
        thread.execute(() -> refresh(name, location.get(), by, answer));
        if (thread.isShutdown()) {
            answerAll();
        }
        return answer;
    }

    private void refresh(
            RepositoryName name, RepositoryLocation location, Cause by, CompletableFuture<PollOutcome> answer) {
        boolean isFull = !known.containsKey(name) && known.size() - polled >= MOST_UNPOLLED;
        if (isFull && !known.values().removeIf(Polled::stopIfUnused)) {
            answer.complete(notNow(Reason.TOO_MANY_PENDING, "too many repositories are being read"));
            return;
        }
        Polled repository = known.computeIfAbsent(name, none -> new Polled(name, location));
        repository.asked++;
        if (repository.isReady() || !log.state().isReady()) {
            read(repository, by, answer);
        } else {
            var unused = thread.schedule(
                    () -> read(repository, by, answer),
                    ManifestPoller.NOT_READY_PAUSE.toMillis(),
                    TimeUnit.MILLISECONDS);
        }
    }

    private void read(Polled repository, Cause by, CompletableFuture<PollOutcome> answer) {
        repository.askedBy = by;
        var unused = repository.poll.now().whenComplete((outcome, failure) -> {
            repository.asked--;
            if (failure == null) {
                answer.complete(outcome);
            } else {
                LOG.atError()
                        .addKeyValue("repository", repository.name)
                        .setCause(failure)
                        .log("refresh fails");
                answer.complete(notNow(Reason.LOG_UNAVAILABLE, "the refresh failed"));
            }
        });
    }

    private static NotAnnounced notNow(Reason reason, String detail) {
        return new NotAnnounced(new Unavailable(reason, detail, SOON));
    }

    /** Ends the thread, and answers the refreshes that are under way. Closing twice is fine. */
    @Override
    public void close() {
        thread.shutdownNow();
        answerAll();
    }

    private void answerAll() {
        unanswered
                .values()
                .forEach(answer -> answer.complete(notNow(Reason.SHUTTING_DOWN, "the proxy is shutting down")));
    }

    /** One repository; on the thread, except that an announcement may be answered on another. */
    private final class Polled implements ManifestPoller.Handler<PollOutcome> {

        private final RepositoryName name;
        private final ManifestPoller<PollOutcome>.Poll poll;
        private final Cause byPoll;
        private @Nullable Duration interval;
        private int asked;
        private Cause askedBy;
        private boolean isFollowed;
        private String problem = "";

        /** The manifest that the log had last: one that it has forgotten since is not announced again by a poll. */
        private @Nullable Manifest settled;

        private @Nullable FetchedManifest refused;
        private @Nullable PublishOutcome refusal;
        private long refusedNanos;

        Polled(RepositoryName name, RepositoryLocation location) {
            this.name = name;
            this.byPoll = new Cause("a poll", location.toString());
            this.askedBy = byPoll;
            this.poll = poller.poll(location, this);
        }

        boolean isAt(RepositoryLocation location) {
            return poll.location().equals(location);
        }

        boolean stopIfUnused() {
            boolean isUnused = interval == null && asked == 0;
            if (isUnused) {
                poll.stop();
            }
            return isUnused;
        }

        /** With queues, last values that only other proxies have arrive after the repository is followed. */
        @Override
        public boolean isReady() {
            LogState state = log.state();
            if (!state.isReady()) {
                return false;
            }
            if (state.knowsAll() || fanOut.newestValue(name).isPresent()) {
                return true;
            }
            boolean wasFollowed = isFollowed;
            isFollowed = true;
            var unused = log.follow(name);
            return wasFollowed;
        }

        @Override
        public CompletableFuture<PollOutcome> failed(NotifyException cause) {
            return ended(new Unreadable(Why.of(cause)), String.valueOf(cause.getMessage()));
        }

        @Override
        public CompletableFuture<PollOutcome> read(FetchedManifest fetched, boolean isAsked) {
            Manifest manifest = fetched.manifest();
            if (!name.equals(manifest.repository())) {
                return ended(
                        new Unreadable(Why.MALFORMED),
                        "the manifest there is of repository '%s'".formatted(manifest.repository()));
            }
            Optional<Announcement> last = fanOut.newestValue(name);
            Optional<Manifest> announced = last.map(value -> value.message().manifest());
            if (announced.isEmpty() && !isAsked && settled != null && isSame(settled, manifest)) {
                return ended(new Unchanged(manifest), "");
            }
            if (announced.isPresent() && !isNews(manifest, announced.get())) {
                settled = announced.get();
                return ended(
                        announced.get().revision().isNewerThan(manifest.revision())
                                ? new Older(manifest, announced.get().revision())
                                : new Unchanged(manifest),
                        "");
            }
            if (refusal != null && fetched == refused && !isAsked && isRefusalRecent()) {
                return ended(new NotAnnounced(refusal), problem);
            }
            return announce(fetched, last, isAsked);
        }

        private boolean isRefusalRecent() {
            return nanoTime.getAsLong() - refusedNanos < REFUSED_PAUSE.toNanos();
        }

        private CompletableFuture<PollOutcome> announce(
                FetchedManifest fetched, Optional<Announcement> last, boolean isAsked) {
            ActivityMessage message;
            try {
                message = ActivityMessage.announce(fetched.bytes(), clock.instant());
            } catch (InvalidInputException e) {
                return ended(new Unreadable(Why.MALFORMED), String.valueOf(e.getMessage()));
            }
            Cause by = isAsked ? askedBy : byPoll;
            UUID id = last.isEmpty() && isAsked ? UUID.randomUUID() : id(last, message);
            return publishing
                    .announce(message, by.publisher(), by.address(), id)
                    .thenCompose(outcome -> {
                        if (outcome instanceof Accepted) {
                            settled = message.manifest();
                            return ended(new Announced(message.manifest()), "");
                        }
                        if (outcome instanceof Unavailable later) {
                            poll.within(later.retryAfter().compareTo(SOON) < 0 ? SOON : later.retryAfter());
                            return ended(new NotAnnounced(outcome), problem);
                        }
                        refused = fetched;
                        refusal = outcome;
                        refusedNanos = nanoTime.getAsLong();
                        return ended(new NotAnnounced(outcome), problem);
                    });
        }

        /** Counts an outcome, and logs a problem when it begins and when it ends. */
        private CompletableFuture<PollOutcome> ended(PollOutcome outcome, String newProblem) {
            Objects.requireNonNull(outcomes.get(outcome.getClass())).increment();
            if (!newProblem.isEmpty() && problem.isEmpty()) {
                LOG.atWarn()
                        .addKeyValue("repository", name)
                        .addKeyValue("reason", newProblem)
                        .log("manifest cannot be read to announce what is new; trying again");
            } else if (newProblem.isEmpty() && !problem.isEmpty()) {
                LOG.atInfo().addKeyValue("repository", name).log("manifest can be read again");
            }
            problem = newProblem;
            return CompletableFuture.completedFuture(outcome);
        }

        /** Returns an id that every proxy finds for this announcement as long as the log is as it is. */
        private UUID id(Optional<Announcement> last, ActivityMessage next) {
            ByteArrayOutputStream content = new ByteArrayOutputStream();
            content.writeBytes(next.manifestBytes());
            last.ifPresent(value -> content.writeBytes(value.message().manifestBytes()));
            long since = last.map(value -> value.announcedAt().toEpochMilli())
                    .orElse(clock.millis() / FIRST_ANNOUNCEMENTS.toMillis());
            content.writeBytes(" %s %d".formatted(name, since).getBytes(UTF_8));
            return UUID.nameUUIDFromBytes(content.toByteArray());
        }
    }

    private static boolean isSame(Manifest one, Manifest other) {
        return one.revision().equals(other.revision()) && one.rootCatalog().equals(other.rootCatalog());
    }

    private static boolean isNews(Manifest read, Manifest announced) {
        return read.revision().isNewerThan(announced.revision())
                || (!isSame(read, announced) && isLater(read.publishedAt(), announced.publishedAt()));
    }

    private static boolean isLater(@Nullable Instant one, @Nullable Instant other) {
        return one != null && other != null && one.isAfter(other);
    }
}
