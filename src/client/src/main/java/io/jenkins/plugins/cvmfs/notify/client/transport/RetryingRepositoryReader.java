package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.FileProblem;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash.ObjectKind;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryFile;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads repositories behind web servers and in mounted file systems, with the retry and the time limit that {@link RepositoryReader}
 * promises.
 */
final class RetryingRepositoryReader implements RepositoryReader {

    /** Makes caches revalidate: an outdated answer would delay a wait and make a replica look older than it is. */
    private static final String REVALIDATE = "max-age=0";

    /** Makes caches fetch the file anew, even if the replica would say that it is unchanged since the same second. */
    private static final String RELOAD = "no-cache";

    private static final int ATTEMPTS = 2;
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final HttpSender client;
    private final Executor fileThreads;
    private final Timer timer;
    private final Retrier retrier;
    private final Duration timeLimit;
    private final Sender sender;

    /**
     * @param fileThreads may block, because a mounted file system may hang; may reject tasks
     * @param timeLimit the limit of each call, both attempts together
     */
    RetryingRepositoryReader(
            HttpSender client, Executor fileThreads, Timer timer, Retrier retrier, Duration timeLimit) {
        this(client, fileThreads, timer, retrier, timeLimit, client::send);
    }

    private RetryingRepositoryReader(
            HttpSender client, Executor fileThreads, Timer timer, Retrier retrier, Duration timeLimit, Sender sender) {
        this.client = client;
        this.fileThreads = fileThreads;
        this.timer = timer;
        this.retrier = retrier;
        this.timeLimit = timeLimit;
        this.sender = sender;
    }

    /** Returns a reader that asks web servers on another way. */
    RetryingRepositoryReader on(Sender way, Duration limit) {
        return new RetryingRepositoryReader(client, fileThreads, timer, retrier, limit, way);
    }

    @Override
    public CompletableFuture<FetchedManifest> manifest(
            RepositoryLocation location, @Nullable FetchedManifest previous) {
        return read(location, RepositoryFile.MANIFEST.path(), file -> file.manifest(previous));
    }

    @Override
    public CompletableFuture<Boolean> objectPresent(RepositoryLocation location, ContentHash hash, ObjectKind kind) {
        return read(location, hash.objectPath(kind), StoredFile::isPresent);
    }

    @Override
    public CompletableFuture<byte[]> file(RepositoryLocation location, String path, int maxBytes) {
        return read(location, path, file -> file.bytes(maxBytes));
    }

    private <T> CompletableFuture<T> read(
            RepositoryLocation location, String path, Function<StoredFile, CompletableFuture<T>> attempt) {
        if (location instanceof RepositoryLocation.Folder folder) {
            return read(new LocalFile(folder.root().resolve(path)), attempt);
        }
        return location instanceof RepositoryLocation.Web web
                ? read(new WebFile(web.resolve(path), REVALIDATE), attempt)
                : CompletableFuture.failedFuture(new InvalidInputException(
                        "%s: a mounted repository shows its revision, not its files; name a URL or the folder of a replica"
                                .formatted(location)));
    }

    private <T> CompletableFuture<T> read(StoredFile file, Function<StoredFile, CompletableFuture<T>> attempt) {
        BackOff pauses = new BackOff(PAUSE, PAUSE, ThreadLocalRandom.current()::nextDouble);
        Retrier.Policy policy = new Retrier.Policy(ATTEMPTS, timeLimit, timeLimit, pauses);
        return retrier.run(
                file.toString(), policy, PublisherSettings.RetryListener.NONE, number -> attempt.apply(file));
    }

    /**
     * Reads the manifest so that every cache on the way fetches it anew and keeps it: without the reader's own validators, which could let
     * a cache answer that nothing changed and keep an older copy.
     */
    CompletableFuture<FetchedManifest> reload(RepositoryLocation.Web location) {
        return read(manifestFile(location, RELOAD), file -> file.manifest(null));
    }

    /** Reads the manifest as CernVM-FS clients do, that is, from a cache if that has it. */
    CompletableFuture<FetchedManifest> manifestAsClientsReadIt(RepositoryLocation.Web location) {
        return read(manifestFile(location, ""), file -> file.manifest(null));
    }

    private WebFile manifestFile(RepositoryLocation.Web location, String cacheControl) {
        return new WebFile(location.resolve(RepositoryFile.MANIFEST.path()), cacheControl);
    }

    /** Sends a request and reads its answer, like {@link HttpSender#send(HttpRequest, int)}, perhaps on another way. */
    @FunctionalInterface
    interface Sender {

        /** Sends it; a body with status 200 has at most this many bytes. */
        CompletableFuture<HttpSender.Answer> send(HttpRequest request, int maxBytes);
    }

    /** One file of a repository; each call is one attempt, and its text names it in messages. */
    private interface StoredFile {

        /** Reads the manifest; returns {@code previous} if it has not changed. */
        CompletableFuture<FetchedManifest> manifest(@Nullable FetchedManifest previous);

        CompletableFuture<byte[]> bytes(int maxBytes);

        CompletableFuture<Boolean> isPresent();
    }

    private final class WebFile implements StoredFile {

        private final URI url;
        private final String cacheControl;

        WebFile(URI url, String cacheControl) {
            this.url = url;
            this.cacheControl = cacheControl;
        }

        @Override
        public CompletableFuture<FetchedManifest> manifest(@Nullable FetchedManifest previous) {
            HttpRequest.Builder request = request();
            if (previous != null) {
                previous.entityTag().ifPresent(tag -> request.header("If-None-Match", tag));
                previous.lastModified().ifPresent(time -> request.header("If-Modified-Since", time));
            }
            return Futures.map(
                    sender.send(request.GET().build(), ActivityMessage.MAX_MANIFEST_BYTES),
                    response -> response.statusCode() == 304 && previous != null ? previous : manifest(response));
        }

        private FetchedManifest manifest(HttpSender.Answer response) {
            return FetchedManifest.read(
                    url.toString(),
                    body(response),
                    response.headers().firstValue("ETag").orElse(null),
                    response.headers().firstValue("Last-Modified").orElse(null));
        }

        @Override
        public CompletableFuture<byte[]> bytes(int maxBytes) {
            return Futures.map(sender.send(request().GET().build(), maxBytes), this::body);
        }

        @Override
        public CompletableFuture<Boolean> isPresent() {
            HttpRequest head = request()
                    .method("HEAD", HttpRequest.BodyPublishers.noBody())
                    .build();
            return Futures.map(sender.send(head, 0), response -> {
                if (isAbsent(response)) {
                    return false;
                }
                body(response);
                return true;
            });
        }

        private HttpRequest.Builder request() {
            HttpRequest.Builder request = client.request(url);
            return cacheControl.isEmpty() ? request : request.header("Cache-Control", cacheControl);
        }

        private byte[] body(HttpSender.Answer response) {
            if (isAbsent(response)) {
                throw new NotFoundException("%s: no such file (%d)".formatted(url, response.statusCode()));
            }
            if (response.statusCode() != 200) {
                throw HttpErrors.ofStatus(response.statusCode(), response.headers(), url, timer.now());
            }
            return response.body();
        }

        /** Object storage that may not be listed answers 403 for a file that does not exist. */
        private static boolean isAbsent(HttpSender.Answer response) {
            return response.statusCode() == 404 || response.statusCode() == 403 || response.statusCode() == 410;
        }

        @Override
        public String toString() {
            return url.toString();
        }
    }

    private final class LocalFile implements StoredFile {

        private final Path path;

        LocalFile(Path path) {
            this.path = path;
        }

        @Override
        public CompletableFuture<FetchedManifest> manifest(@Nullable FetchedManifest previous) {
            return run(() -> {
                byte[] bytes = read(ActivityMessage.MAX_MANIFEST_BYTES);
                return previous != null && previous.hasBytes(bytes)
                        ? previous
                        : FetchedManifest.read(path.toString(), bytes, null, null);
            });
        }

        @Override
        public CompletableFuture<byte[]> bytes(int maxBytes) {
            return run(() -> read(maxBytes));
        }

        @Override
        public CompletableFuture<Boolean> isPresent() {
            return run(() -> Files.isRegularFile(path));
        }

        private <T> CompletableFuture<T> run(Callable<T> task) {
            return Futures.call(fileThreads, "too many files are waiting to be read; does a file system hang?", task);
        }

        private byte[] read(int maxBytes) {
            try (InputStream in = Files.newInputStream(path)) {
                byte[] bytes = in.readNBytes(maxBytes + 1);
                if (bytes.length > maxBytes) {
                    throw new InvalidInputException(
                            "%s: longer than the %d bytes that are allowed".formatted(path, maxBytes));
                }
                return bytes;
            } catch (NoSuchFileException e) {
                throw new NotFoundException(path + ": no such file");
            } catch (AccessDeniedException e) {
                throw new RefusedException(path + ": permission denied", e);
            } catch (IOException e) {
                throw new TransientFailureException("%s: cannot be read: %s".formatted(path, FileProblem.reason(e)), e);
            }
        }

        @Override
        public String toString() {
            return path.toString();
        }
    }
}
