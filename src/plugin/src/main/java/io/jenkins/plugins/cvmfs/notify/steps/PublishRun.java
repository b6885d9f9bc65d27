package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.BackOff;
import io.jenkins.plugins.cvmfs.notify.client.transport.FetchedManifest;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotFoundException;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationPublisher;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationPublisher.Receipt;
import io.jenkins.plugins.cvmfs.notify.client.transport.PublisherSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import io.jenkins.plugins.cvmfs.notify.client.trust.Blacklist;
import io.jenkins.plugins.cvmfs.notify.client.trust.ManifestVerifier;
import io.jenkins.plugins.cvmfs.notify.client.trust.MasterKeys;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict;
import io.jenkins.plugins.cvmfs.notify.config.ConfiguredSites;
import io.jenkins.plugins.cvmfs.notify.connection.ServerSettings;
import io.jenkins.plugins.cvmfs.notify.page.AnnouncementRecord;
import io.jenkins.plugins.cvmfs.notify.page.StepRecord;
import io.jenkins.plugins.cvmfs.notify.page.StepRecord.State;
import io.jenkins.plugins.cvmfs.notify.steps.BuildHandle.Ending;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One running {@code cvmfsPublishNotify}: reads the manifest, verifies it, announces it, and ends the step exactly once. What
 * cannot be reached is tried again until the time limit. After a restart it announces the manifest that it had read before;
 * announcing twice does no harm.
 *
 * <p>{@link #begin} and what it starts run on threads that may block; no thread is held between attempts. {@link #stop},
 * {@link #record} and {@link #status} do not block.
 */
final class PublishRun {

    /** The least time after a restart, in case the time limit passed while Jenkins was down. */
    private static final Duration MIN_TIME = Duration.ofSeconds(30);

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(20);

    private final PublishState state;
    private final BuildHandle build;
    private final Resources resources;
    private final Clock clock;
    private final Consumer<Ending> whenEnded;
    private final BackOff pauses = new BackOff(FIRST_PAUSE, LONGEST_PAUSE, ThreadLocalRandom.current()::nextDouble);

    private volatile String status = "starting to read the manifest";
    private volatile Instant giveUpAt;
    private volatile String lastProblem = "";
    private final AtomicInteger failures = new AtomicInteger();
    private volatile @Nullable ActivityMessage read;
    private volatile @Nullable ServerSettings announcer;
    private volatile @Nullable Integer attempts;
    private volatile @Nullable String failure;
    private volatile @Nullable Instant endedAt;
    private @Nullable CompletableFuture<?> pending;
    private boolean over;

    /** @param whenEnded told how the announcement ends; not if it is stopped */
    PublishRun(PublishState state, BuildHandle build, Resources resources, Clock clock, Consumer<Ending> whenEnded) {
        this.state = state;
        this.build = build;
        this.resources = resources;
        this.clock = clock;
        this.whenEnded = whenEnded;
        this.giveUpAt = state.giveUpAt();
    }

    /** The environment of an announcement. Everything but {@link #release} may block. */
    interface Resources {

        RepositoryReader reader();

        /**
         * Announces at this server, as {@link NotificationPublisher#publish} does.
         *
         * @param retries called after each failed attempt that is followed by another
         * @throws NotifyException if there is no token for the server
         */
        CompletableFuture<Receipt> announce(
                ServerSettings server,
                ActivityMessage message,
                Duration timeLimit,
                PublisherSettings.RetryListener retries);

        /**
         * Reads a file of the build's workspace.
         *
         * @throws InvalidInputException if there is no workspace, no such file, or it is too long
         * @throws TransientFailureException if the agent is offline or does not answer
         */
        byte[] workspaceFile(String path);

        /** The threads that may block. */
        Executor threads();

        /** Releases everything. May be called again. */
        void release();
    }

    /** Starts or resumes. Throws nothing: what goes wrong ends the step. */
    void begin(ConfiguredSites sites) {
        Instant atLeast = clock.instant().plus(MIN_TIME);
        giveUpAt = atLeast.isAfter(state.giveUpAt()) ? atLeast : state.giveUpAt();
        next(() -> {
            byte[] manifest = state.manifest();
            if (manifest == null) {
                prepare(sites);
            } else {
                announce(sites, message(manifest));
            }
        });
    }

    /** Runs the task where it may block. What goes wrong ends the step. */
    private void next(Runnable task) {
        try {
            resources.threads().execute(() -> {
                try {
                    task.run();
                } catch (RuntimeException | Error e) {
                    fail(e);
                }
            });
        } catch (RejectedExecutionException e) {
            end(Ending.Failure.tooManySteps(e));
        }
    }

    private void prepare(ConfiguredSites sites) {
        var unused = read(sites)
                .thenApplyAsync(manifest -> check(sites, manifest), resources.threads())
                .whenComplete((message, failure) -> next(() -> {
                    if (message == null) {
                        retryOrFail(sites, failure);
                    } else {
                        announce(sites, message);
                    }
                }));
    }

    private CompletableFuture<byte[]> read(ConfiguredSites sites) {
        String file = state.manifestFile();
        if (file != null) {
            status = "reading %s in the workspace".formatted(file);
            return CompletableFuture.supplyAsync(() -> resources.workspaceFile(file), resources.threads());
        }
        status = "reading the manifest";
        return cancellable(resources.reader().manifest(state.location(sites), null))
                .thenApply(FetchedManifest::bytes);
    }

    /** Checks that the manifest is well-formed, of the repository that was named, and verified if it must be; saves it. */
    private ActivityMessage check(ConfiguredSites sites, byte[] manifest) {
        ActivityMessage message = message(manifest);
        read = message;
        RepositoryName repository = message.repository();
        Instant publishedAt = message.manifest().publishedAt();
        log("%s revision %s, root hash %s%s"
                .formatted(
                        repository,
                        message.revision(),
                        message.manifest().rootCatalog(),
                        publishedAt == null ? "" : ", published at " + StepRecord.time(publishedAt)));
        String named = state.repository();
        if (named != null && !named.equals(repository.value())) {
            throw new InvalidInputException("the manifest read for %s is of %s".formatted(named, repository));
        }
        // Before anything is read to verify it.
        var unused = allowedServer(sites, repository);
        status = "verifying the manifest";
        verify(sites, message);
        state.accept(manifest);
        build.save();
        return message;
    }

    private ActivityMessage message(byte[] manifest) {
        return ActivityMessage.announce(manifest, clock.instant());
    }

    /** Returns where to announce it. Checked again before announcing: the configuration may have changed over a restart. */
    private ServerSettings allowedServer(ConfiguredSites sites, RepositoryName repository) {
        var unused = sites.keysToVerifyWith(repository, state.verify());
        return sites.announcer(state.server(), repository);
    }

    /** @throws NotifyException if the manifest must not be announced, or its certificate or whitelist cannot be read */
    private void verify(ConfiguredSites sites, ActivityMessage message) {
        Optional<MasterKeys> keys = sites.keysToVerifyWith(message.repository(), state.verify());
        if (keys.isEmpty()) {
            log(state.verify() ? "not verified: no master key is configured" : "not verified: verify is false");
            return;
        }
        RepositoryLocation location =
                state.manifestFile() == null ? state.location(sites) : sites.trustFiles(message.repository());
        RepositoryReader reader = resources.reader();
        Verdict verdict = new ManifestVerifier(keys.get(), Blacklist.EMPTY, clock)
                .verify(
                        message.repository(),
                        message.manifestBytes(),
                        (path, maxBytes) -> reader.fileNow(location, path, maxBytes));
        if (verdict instanceof Verdict.Rejected rejected) {
            throw new RefusedException("the manifest is not announced: " + rejected.explanation());
        }
        if (verdict instanceof Verdict.Trusted trusted) {
            log("verified: signed by %s; the whitelist is valid until %s"
                    .formatted(trusted.signer(), StepRecord.time(trusted.whitelistExpires())));
        }
    }

    private void retryOrFail(ConfiguredSites sites, Throwable failure) {
        Throwable cause = NotifyException.unwrapped(failure);
        Duration pause = pauses.next();
        boolean inTime = clock.instant().plus(pause).isBefore(giveUpAt);
        if (!(cause instanceof TransientFailureException) || cause instanceof NotFoundException || !inTime) {
            fail(cause);
        } else if (!isOver()) {
            retrying("cannot read and verify the manifest yet: " + cause.getMessage());
            var unused = cancellable(new CompletableFuture<Void>())
                    .completeOnTimeout(null, pause.toMillis(), TimeUnit.MILLISECONDS)
                    .thenRun(() -> next(() -> prepare(sites)));
        }
    }

    private void announce(ConfiguredSites sites, ActivityMessage message) {
        read = message;
        ServerSettings server = allowedServer(sites, message.repository());
        announcer = server;
        status = "announcing %s at %s".formatted(message, server);
        Duration timeLeft = Duration.between(clock.instant(), giveUpAt);
        PublisherSettings.RetryListener retries = (attempt, reason, pause) -> next(() -> {
            if (!isOver()) {
                retrying("cannot announce at %s yet: %s".formatted(server, reason));
            }
        });
        var unused = cancellable(resources.announce(server, message, timeLeft, retries))
                .whenComplete((receipt, failure) -> next(() -> announced(server, message, receipt, failure)));
    }

    private void announced(
            ServerSettings server, ActivityMessage message, @Nullable Receipt receipt, @Nullable Throwable failure) {
        if (receipt == null) {
            fail(Objects.requireNonNull(failure));
        } else {
            attempts = receipt.attempts();
            log("announced at %s (%s), attempts: %d".formatted(server, receipt.server(), receipt.attempts()));
            PublishedRevision value = new PublishedRevision(message, server.name());
            build.announced(value);
            end(new Ending.Success(value));
        }
    }

    private void log(String line) {
        ActivityMessage message = read;
        build.log(ConsoleLines.named(
                message == null ? state.repository() : message.repository().value(), line));
    }

    /** Logs a problem once, however often it occurs in a row. */
    private void retrying(String problem) {
        status = problem;
        failures.incrementAndGet();
        if (!problem.equals(lastProblem)) {
            lastProblem = problem;
            log("%s; retrying until %s".formatted(problem, StepRecord.time(giveUpAt)));
        }
    }

    private void fail(Throwable failure) {
        Throwable cause = NotifyException.unwrapped(failure);
        if (cause instanceof RejectedExecutionException rejected) {
            end(Ending.Failure.tooManySteps(rejected));
        } else {
            String reason = cause instanceof NotifyException known ? known.getMessage() : cause.toString();
            end(new Ending.Failure(reason, cause));
        }
    }

    /** Cancels the future when the step is stopped. */
    private <T> CompletableFuture<T> cancellable(CompletableFuture<T> future) {
        boolean stopped;
        synchronized (this) {
            pending = future;
            stopped = over;
        }
        if (stopped) {
            future.cancel(true);
        }
        return future;
    }

    private void end(Ending ending) {
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
        }
        failure = ending instanceof Ending.Failure failed ? failed.reason() : null;
        endedAt = clock.instant();
        resources.release();
        whenEnded.accept(ending);
    }

    /**
     * Stops without telling the build; it is then unknown if the server has the announcement. May be called at any time, also
     * before it has begun, and again.
     */
    void stop() {
        CompletableFuture<?> current;
        synchronized (this) {
            over = true;
            current = pending;
        }
        if (current != null) {
            current.cancel(true);
        }
        resources.release();
    }

    private synchronized boolean isOver() {
        return over;
    }

    String status() {
        return status;
    }

    /** Returns the present state, for the build's page. */
    AnnouncementRecord record() {
        ServerSettings server = announcer;
        String problem = failure;
        Instant end = endedAt;
        int failed = failures.get();
        return new AnnouncementRecord(
                read,
                state.repository(),
                server == null ? state.server() : server.name(),
                problem != null ? State.FAILED : end != null ? State.DONE : State.RUNNING,
                problem != null ? problem : end != null ? "" : status,
                attempts,
                failed,
                failed == 0 ? null : lastProblem,
                state.giveUpAt().minus(CvmfsPublishNotifyStep.TIME_LIMIT),
                giveUpAt,
                end);
    }
}
