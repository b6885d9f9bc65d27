package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash.ObjectKind;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryFile;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads locations of either kind, with the retry and the time limit that {@link RepositoryReader} promises. */
final class RetryingRepositoryReader implements RepositoryReader {

    /** The longest file about the last snapshot, in bytes. */
    private static final int MAX_STATUS_BYTES = 64 * 1024;

    private static final int ATTEMPTS = 2;
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

    private final HttpRepository web;
    private final FolderRepository folders;
    private final Timer timer;
    private final Duration timeLimit;
    private final OpenFutures open;

    /** @param timeLimit of each call, both attempts together */
    RetryingRepositoryReader(
            HttpRepository web, FolderRepository folders, Timer timer, Duration timeLimit, OpenFutures open) {
        this.web = web;
        this.folders = folders;
        this.timer = timer;
        this.timeLimit = timeLimit;
        this.open = open;
    }

    @Override
    public CompletableFuture<FetchedManifest> manifest(
            RepositoryLocation location, @Nullable FetchedManifest previous) {
        int maxBytes = ActivityMessage.MAX_MANIFEST_BYTES;
        return read(
                location,
                RepositoryFile.MANIFEST.path(),
                url -> web.manifest(url, maxBytes, previous),
                file -> folders.manifest(file, maxBytes, previous));
    }

    @Override
    public CompletableFuture<Boolean> objectPresent(RepositoryLocation location, ContentHash hash, ObjectKind kind) {
        return read(location, hash.objectPath(kind), web::isPresent, folders::isPresent);
    }

    @Override
    public CompletableFuture<byte[]> file(RepositoryLocation location, String path, int maxBytes) {
        return read(location, path, url -> web.file(url, maxBytes), file -> folders.file(file, maxBytes));
    }

    @Override
    public CompletableFuture<Optional<Instant>> lastSnapshot(RepositoryLocation location) {
        return Chain.compose(
                snapshotTime(location, RepositoryFile.STATUS, SnapshotTime::fromStatus),
                time -> time.isPresent()
                        ? CompletableFuture.completedFuture(time)
                        : snapshotTime(location, RepositoryFile.LAST_SNAPSHOT, SnapshotTime::fromLine));
    }

    private CompletableFuture<Optional<Instant>> snapshotTime(
            RepositoryLocation location, RepositoryFile file, Function<byte[], Optional<Instant>> parse) {
        CompletableFuture<Optional<Instant>> time = new CompletableFuture<>();
        CompletableFuture<byte[]> bytes = file(location, file.path(), MAX_STATUS_BYTES);
        Chain.whenDone(time, (value, failure) -> bytes.cancel(true));
        Chain.whenDone(bytes, (value, failure) -> {
            if (failure == null) {
                time.complete(parse.apply(value));
            } else if (failure instanceof NotFoundException) {
                time.complete(Optional.empty());
            } else {
                time.completeExceptionally(failure);
            }
        });
        return time;
    }

    private <T> CompletableFuture<T> read(
            RepositoryLocation location,
            String path,
            Function<URI, CompletableFuture<T>> fromWeb,
            Function<Path, CompletableFuture<T>> fromFolder) {
        if (location instanceof RepositoryLocation.Folder folder) {
            Path file = folder.root().resolve(path);
            return attempts(file.toString(), () -> fromFolder.apply(file));
        }
        URI url = ((RepositoryLocation.Web) location).resolve(path);
        return attempts(url.toString(), () -> fromWeb.apply(url));
    }

    private <T> CompletableFuture<T> attempts(String target, Supplier<CompletableFuture<T>> attempt) {
        BackOff pause = new BackOff(FIRST_PAUSE, FIRST_PAUSE, ThreadLocalRandom.current()::nextDouble);
        RetryPlan plan = new RetryPlan(ATTEMPTS, timeLimit, timeLimit, pause);
        return open.add(RetryPolicy.run(timer, target, plan, number -> attempt.get()));
    }
}
