package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.BackOff;
import io.jenkins.plugins.cvmfs.notify.client.transport.FetchedManifest;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotFoundException;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationPublisher;
import io.jenkins.plugins.cvmfs.notify.config.Directory;
import io.jenkins.plugins.cvmfs.notify.connection.ServerSettings;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One {@code cvmfsPublishNotify} in progress: reads the manifest, verifies it, announces it, and ends the step exactly once.
 * What cannot be reached is tried again until the time limit. After a restart it announces again what it had read before;
 * announcing twice does no harm.
 *
 * <p>{@link #begin} and what it starts run on threads that may block; no thread is held between attempts. {@link #stop} and
 * {@link #status} do not block.
 */
final class Publishing implements StepInProgress {

    /** After a restart there is at least this much time, also if the limit passed while Jenkins was down. */
    private static final Duration SHORTEST = Duration.ofSeconds(30);

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(20);

    private final PublishState state;
    private final BuildSide build;
    private final PublishOutside outside;
    private final Clock clock;
    private final BackOff pauses = new BackOff(FIRST_PAUSE, LONGEST_PAUSE, ThreadLocalRandom.current()::nextDouble);

    private volatile String status = "about to read the manifest";
    private volatile Instant giveUpAt;
    private volatile String trouble = "";
    private @Nullable CompletableFuture<?> underWay;
    private boolean over;

    Publishing(PublishState state, BuildSide build, PublishOutside outside, Clock clock) {
        this.state = state;
        this.build = build;
        this.outside = outside;
        this.clock = clock;
        this.giveUpAt = state.giveUpAt();
    }

    /** Begins, or goes on. Nothing is thrown: what goes wrong ends the step. */
    void begin(Directory directory) {
        Instant soonest = clock.instant().plus(SHORTEST);
        giveUpAt = soonest.isAfter(state.giveUpAt()) ? soonest : state.giveUpAt();
        goOn(() -> {
            byte[] known = state.manifest();
            if (known == null) {
                prepare(directory);
            } else {
                announce(directory, message(known));
            }
        });
    }

    /** Does what comes next where it may block. What goes wrong ends the step. */
    private void goOn(Runnable next) {
        try {
            outside.threads().execute(() -> {
                try {
                    next.run();
                } catch (RuntimeException | Error e) {
                    failed(e);
                }
            });
        } catch (RejectedExecutionException e) {
            end(new Ending.Failure("too many steps begin or end at this moment", e));
        }
    }

    private void prepare(Directory directory) {
        CompletableFuture<byte[]> reading;
        try {
            reading = read(directory);
        } catch (TransientFailureException e) {
            reading = CompletableFuture.failedFuture(e);
        }
        var unused = reading.whenComplete((published, failure) -> goOn(() -> {
            if (published == null) {
                notPrepared(directory, failure);
            } else {
                prepared(directory, published);
            }
        }));
    }

    private CompletableFuture<byte[]> read(Directory directory) {
        PublishRequest request = state.request();
        if (request.manifestFile() != null) {
            status = "reading %s in the workspace".formatted(request.manifestFile());
            return CompletableFuture.completedFuture(outside.workspaceFile(request.manifestFile()));
        }
        status = "reading the manifest";
        return keep(outside.reader().manifest(request.location(directory), null))
                .thenApply(FetchedManifest::bytes);
    }

    /** What is announced: readable, of the repository that was named, and verified if it can be. */
    private ActivityMessage check(Directory directory, byte[] published) {
        ActivityMessage message = message(published);
        RepositoryName repository = message.repository();
        Instant publishedAt = message.manifest().publishedAt();
        build.log("%s revision %s, root hash %s%s"
                .formatted(
                        repository,
                        message.revision(),
                        message.manifest().rootCatalog(),
                        publishedAt == null ? "" : ", published at " + publishedAt));
        String named = state.request().repository();
        if (named != null && !named.equals(repository.value())) {
            throw new InvalidInputException("the manifest read for %s is of %s".formatted(named, repository));
        }
        // Before anything is read to verify it.
        allowed(directory, repository);
        status = "verifying the manifest";
        new SignatureCheck(outside.reader(), clock, build).require(state.request(), directory, message);
        state.accept(published);
        build.save();
        return message;
    }

    private ActivityMessage message(byte[] published) {
        return ActivityMessage.announce(published, clock.instant());
    }

    private void prepared(Directory directory, byte[] published) {
        ActivityMessage message;
        try {
            message = check(directory, published);
        } catch (TransientFailureException e) {
            notPrepared(directory, e);
            return;
        }
        announce(directory, message);
    }

    /** Tries again after a pause, if that may help and there is time. */
    private void notPrepared(Directory directory, @Nullable Throwable failure) {
        Throwable cause = unwrapped(failure);
        Duration pause = pauses.next();
        boolean inTime = clock.instant().plus(pause).isBefore(giveUpAt);
        if (cause instanceof TransientFailureException passing && !(cause instanceof NotFoundException) && inTime) {
            prepareAfter(pause, directory, passing);
        } else {
            failed(cause);
        }
    }

    private void prepareAfter(Duration pause, Directory directory, TransientFailureException trouble) {
        if (isOver()) {
            return;
        }
        troubled("the manifest cannot be read and verified yet: " + trouble.getMessage());
        CompletableFuture<Void> resting = keep(new CompletableFuture<>());
        var unused = resting.completeOnTimeout(null, pause.toMillis(), TimeUnit.MILLISECONDS)
                .thenRun(() -> goOn(() -> prepare(directory)));
    }

    /** Returns where to announce it. Asked again when it is announced: the configuration may have changed over a restart. */
    private ServerSettings allowed(Directory directory, RepositoryName repository) {
        directory.keysToVerifyWith(repository, state.request().verify());
        return directory.announcer(state.request().server(), repository);
    }

    private void announce(Directory directory, ActivityMessage message) {
        ServerSettings server = allowed(directory, message.repository());
        status = "announcing %s at %s".formatted(message, server);
        Duration timeLeft = Duration.between(clock.instant(), giveUpAt);
        var unused = keep(outside.publisher(server, timeLeft, (attempt, reason, pause) -> notTaken(server, reason))
                        .publish(message))
                .whenComplete((receipt, failure) -> goOn(() -> announced(server, message, receipt, failure)));
    }

    private void notTaken(ServerSettings server, String reason) {
        goOn(() -> {
            if (!isOver()) {
                troubled("%s does not take it yet: %s".formatted(server, reason));
            }
        });
    }

    /** One line for each kind of trouble, however often it comes in a row. */
    private void troubled(String problem) {
        status = problem;
        if (!problem.equals(trouble)) {
            trouble = problem;
            build.log("%s; trying again until %s".formatted(problem, giveUpAt.truncatedTo(ChronoUnit.SECONDS)));
        }
    }

    private void announced(
            ServerSettings server,
            ActivityMessage message,
            NotificationPublisher.@Nullable Receipt receipt,
            @Nullable Throwable failure) {
        if (receipt == null) {
            failed(failure);
        } else {
            build.log("announced at %s (%s), attempts: %d".formatted(server, receipt.server(), receipt.attempts()));
            end(new Ending.Success(new PublishedRevision(message, server.name())));
        }
    }

    private void failed(@Nullable Throwable failure) {
        Throwable cause = unwrapped(failure);
        String reason = cause instanceof NotifyException ? String.valueOf(cause.getMessage()) : String.valueOf(cause);
        end(new Ending.Failure(reason, cause));
    }

    private static @Nullable Throwable unwrapped(@Nullable Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private <T> CompletableFuture<T> keep(CompletableFuture<T> future) {
        boolean stopped;
        synchronized (this) {
            underWay = future;
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
        outside.release();
        build.end(ending);
    }

    /** Whether the server has the message is then not known. */
    @Override
    public void stop() {
        CompletableFuture<?> current;
        synchronized (this) {
            over = true;
            current = underWay;
        }
        if (current != null) {
            current.cancel(true);
        }
        outside.release();
    }

    private synchronized boolean isOver() {
        return over;
    }

    @Override
    public String status() {
        return status;
    }
}
