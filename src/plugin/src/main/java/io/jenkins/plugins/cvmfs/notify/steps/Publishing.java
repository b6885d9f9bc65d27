package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.protocol.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.PublishReceipt;
import io.jenkins.plugins.cvmfs.notify.client.transport.PublishedManifest;
import io.jenkins.plugins.cvmfs.notify.config.Directory;
import io.jenkins.plugins.cvmfs.notify.connection.ServerSettings;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * One {@code cvmfsPublishNotify} in progress: reads the manifest, verifies it, announces it, and ends the step exactly once.
 * After a restart it announces again what it had read before; announcing twice does no harm.
 *
 * <p>{@link #begin} and what it starts run on threads that may block; no thread is held while a server is away. {@link #stop}
 * and {@link #status} do not block.
 */
final class Publishing {

    /** After a restart there is at least this much time, also if the limit passed while Jenkins was down. */
    private static final Duration SHORTEST = Duration.ofSeconds(30);

    private final PublishState state;
    private final BuildSide build;
    private final PublishOutside outside;
    private final Clock clock;

    private volatile String status = "about to read the manifest";
    private @Nullable CompletableFuture<?> underWay;
    private boolean over;

    Publishing(PublishState state, BuildSide build, PublishOutside outside, Clock clock) {
        this.state = state;
        this.build = build;
        this.outside = outside;
        this.clock = clock;
    }

    /** Begins, or goes on. Nothing is thrown: what goes wrong ends the step. */
    void begin(Directory directory) {
        try {
            byte[] known = state.manifest();
            if (known == null) {
                var unused = read(directory)
                        .thenAcceptAsync(read -> announce(directory, check(directory, read)), outside.threads())
                        .whenComplete((done, failure) -> failed(failure));
            } else {
                announce(directory, message(known));
            }
        } catch (NotifyException e) {
            failed(e);
        }
    }

    private CompletableFuture<byte[]> read(Directory directory) {
        PublishRequest request = state.request();
        if (request.manifestFile() != null) {
            status = "reading " + request.manifestFile() + " in the workspace";
            return CompletableFuture.completedFuture(outside.workspaceFile(request.manifestFile()));
        }
        status = "reading the manifest";
        return keep(outside.reader().manifest(request.location(directory), null))
                .thenApply(PublishedManifest::bytes);
    }

    /** What is announced: readable, of the repository that was named, and verified if it can be. */
    private ActivityMessage check(Directory directory, byte[] published) {
        ActivityMessage message = message(published);
        RepositoryName repository = message.repository();
        build.log("%s revision %s, root hash %s, published at %s"
                .formatted(
                        repository,
                        message.revision(),
                        message.manifest().rootCatalog(),
                        message.manifest().publishedAt()));
        String named = state.request().repository();
        if (named != null && !named.equals(repository.value())) {
            throw new InvalidInputException("the manifest read for %s is of %s".formatted(named, repository));
        }
        status = "verifying the manifest";
        new SignatureCheck(outside.reader(), clock, build).require(state.request(), directory, message);
        state.accept(published);
        build.save();
        return message;
    }

    private ActivityMessage message(byte[] published) {
        return ActivityMessage.announce(published, clock.instant());
    }

    private void announce(Directory directory, ActivityMessage message) {
        ServerSettings server = directory
                .server(state.request().server(), message.repository())
                .orElseThrow(
                        () -> new InvalidInputException(
                                "no notification server is configured under Manage Jenkins > System, section CVMFS notifications"));
        status = "announcing %s at %s".formatted(message, server);
        var unused = keep(outside.publisher(server, timeLeft()).publish(message))
                .whenComplete((receipt, failure) -> announced(server, message, receipt, failure));
    }

    private Duration timeLeft() {
        Duration left = Duration.between(clock.instant(), state.giveUpAt());
        return left.compareTo(SHORTEST) < 0 ? SHORTEST : left;
    }

    private void announced(
            ServerSettings server,
            ActivityMessage message,
            @Nullable PublishReceipt receipt,
            @Nullable Throwable failure) {
        if (receipt == null) {
            failed(failure);
        } else {
            build.log("announced at %s (%s), attempts: %d".formatted(server, receipt.server(), receipt.attempts()));
            end(new Ending.Success(new PublishedRevision(message, server.name())));
        }
    }

    private void failed(@Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause != null) {
            String reason = cause instanceof NotifyException ? String.valueOf(cause.getMessage()) : cause.toString();
            end(new Ending.Failure(reason, cause));
        }
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
        build.end(ending);
    }

    /** Ends it without telling the build. Works at any time; whether the server has the message is then not known. */
    void stop() {
        CompletableFuture<?> current;
        synchronized (this) {
            over = true;
            current = underWay;
        }
        if (current != null) {
            current.cancel(true);
        }
    }

    /** What it is busy with, for the thread dump. */
    String status() {
        return status;
    }
}
