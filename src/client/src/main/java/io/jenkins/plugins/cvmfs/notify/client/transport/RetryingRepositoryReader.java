package io.jenkins.plugins.cvmfs.notify.client.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.json.JsonMapper;
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
import java.net.http.HttpResponse;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads repositories behind web servers and in mounted file systems, with the retry and the time limit that {@link RepositoryReader}
 * promises.
 */
final class RetryingRepositoryReader implements RepositoryReader {

    /** The longest file with the time of the last snapshot, in bytes. */
    static final int MAX_STATUS_BYTES = 64 * 1024;

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

    /**
     * @param fileThreads may block, because a mounted file system may hang; may reject tasks
     * @param timeLimit the limit of each call, both attempts together
     */
    RetryingRepositoryReader(
            HttpSender client, Executor fileThreads, Timer timer, Retrier retrier, Duration timeLimit) {
        this.client = client;
        this.fileThreads = fileThreads;
        this.timer = timer;
        this.retrier = retrier;
        this.timeLimit = timeLimit;
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
        StoredFile file = location instanceof RepositoryLocation.Folder folder
                ? new LocalFile(folder.root().resolve(path))
                : new WebFile(((RepositoryLocation.Web) location).resolve(path), client::send, REVALIDATE);
        return read(file, timeLimit, attempt);
    }

    private <T> CompletableFuture<T> read(
            StoredFile file, Duration limit, Function<StoredFile, CompletableFuture<T>> attempt) {
        BackOff pauses = new BackOff(PAUSE, PAUSE, ThreadLocalRandom.current()::nextDouble);
        Retrier.Policy policy = new Retrier.Policy(ATTEMPTS, limit, limit, pauses);
        return retrier.run(file.toString(), policy, (number, reason, pause) -> {}, number -> attempt.apply(file));
    }

    /**
     * Reads the manifest through another sender. Every cache on the way fetches it anew and keeps it: without the reader's own validators,
     * which could let a cache answer that nothing changed and keep an older copy.
     */
    CompletableFuture<FetchedManifest> reload(RepositoryLocation.Web location, Sender sender, Duration limit) {
        return manifest(location, sender, RELOAD, limit);
    }

    /** Reads the manifest through another sender as CernVM-FS clients do, that is, from a cache if that has it. */
    CompletableFuture<FetchedManifest> manifestAsClientsReadIt(
            RepositoryLocation.Web location, Sender sender, Duration limit) {
        return manifest(location, sender, "", limit);
    }

    private CompletableFuture<FetchedManifest> manifest(
            RepositoryLocation.Web location, Sender sender, String cacheControl, Duration limit) {
        WebFile file = new WebFile(location.resolve(RepositoryFile.MANIFEST.path()), sender, cacheControl);
        return read(file, limit, at -> at.manifest(null));
    }

    /** Looks for an object through another sender, as {@link #objectPresent} does. */
    CompletableFuture<Boolean> objectPresent(
            RepositoryLocation.Web location, ContentHash hash, ObjectKind kind, Sender sender, Duration limit) {
        return read(
                new WebFile(location.resolve(hash.objectPath(kind)), sender, REVALIDATE), limit, StoredFile::isPresent);
    }

    /** Reads a file through another sender, as {@link #file} does. */
    CompletableFuture<byte[]> file(
            RepositoryLocation.Web location, String path, int maxBytes, Sender sender, Duration limit) {
        return read(new WebFile(location.resolve(path), sender, REVALIDATE), limit, file -> file.bytes(maxBytes));
    }

    /** Sends a request and reads its answer, like {@link HttpSender#send(HttpRequest, int)}, perhaps on another way. */
    @FunctionalInterface
    interface Sender {

        /** Sends it; a body with status 200 has at most this many bytes. */
        CompletableFuture<HttpResponse<byte[]>> send(HttpRequest request, int maxBytes);
    }

    @Override
    public CompletableFuture<Optional<Instant>> lastSnapshot(RepositoryLocation location) {
        return lastSnapshot(path -> file(location, path, MAX_STATUS_BYTES));
    }

    /**
     * Reads the time of the last snapshot.
     *
     * @param files reads a small file of the repository by its path
     */
    static CompletableFuture<Optional<Instant>> lastSnapshot(Function<String, CompletableFuture<byte[]>> files) {
        return Futures.compose(
                snapshotTime(files, RepositoryFile.STATUS, SnapshotTime::inStatus),
                time -> time.isPresent()
                        ? CompletableFuture.completedFuture(time)
                        : snapshotTime(
                                files,
                                RepositoryFile.LAST_SNAPSHOT,
                                line -> SnapshotTime.parse(new String(line, UTF_8))));
    }

    private static CompletableFuture<Optional<Instant>> snapshotTime(
            Function<String, CompletableFuture<byte[]>> files,
            RepositoryFile file,
            Function<byte[], Optional<Instant>> parse) {
        return Futures.handle(files.apply(file.path()), (bytes, failure) -> {
            if (failure == null) {
                return CompletableFuture.completedFuture(parse.apply(bytes));
            }
            return failure instanceof NotFoundException
                    ? CompletableFuture.completedFuture(Optional.empty())
                    : CompletableFuture.failedFuture(failure);
        });
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
        private final Sender sender;
        private final String cacheControl;

        WebFile(URI url, Sender sender, String cacheControl) {
            this.url = url;
            this.sender = sender;
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

        private FetchedManifest manifest(HttpResponse<byte[]> response) {
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

        private byte[] body(HttpResponse<byte[]> response) {
            if (isAbsent(response)) {
                throw new NotFoundException("%s: no such file (%d)".formatted(url, response.statusCode()));
            }
            if (response.statusCode() != 200) {
                throw HttpErrors.ofStatus(response.statusCode(), response.headers(), url, timer.now());
            }
            return response.body();
        }

        /** Object storage that may not be listed answers 403 for a file that does not exist. */
        private static boolean isAbsent(HttpResponse<byte[]> response) {
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

        private <T> CompletableFuture<T> run(Supplier<T> task) {
            try {
                return CompletableFuture.supplyAsync(task, fileThreads);
            } catch (RejectedExecutionException e) {
                return CompletableFuture.failedFuture(new TransientFailureException(
                        "too many files are waiting to be read; does a file system hang?", e));
            }
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

    /**
     * Reads the time that a stratum 1 writes after a snapshot, as {@code date --utc} prints it: {@code Thu Nov 26 21:13:15 UTC
     * 2026}, or with an English locale {@code Thu 26 Nov 2026 09:13:15 PM UTC}.
     */
    private static final class SnapshotTime {

        private static final String MONTH = "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
        private static final Pattern DAY =
                Pattern.compile("\\b(?:%1$s +(\\d{1,2})|(\\d{1,2}) %1$s)\\b".formatted(MONTH));
        private static final Pattern TIME = Pattern.compile("\\b(\\d{2}:\\d{2}:\\d{2})(?: ([AP]M))?\\b");
        private static final Pattern YEAR = Pattern.compile("\\b(\\d{4})\\b");
        private static final DateTimeFormatter HOURS_24 =
                DateTimeFormatter.ofPattern("MMM d yyyy HH:mm:ss", Locale.ROOT);
        private static final DateTimeFormatter HOURS_12 =
                DateTimeFormatter.ofPattern("MMM d yyyy hh:mm:ss a", Locale.ROOT);

        private static final JsonMapper JSON = new JsonMapper();

        /** From {@code .cvmfs_status.json}; empty if that is something else. */
        static Optional<Instant> inStatus(byte[] json) {
            try {
                return parse(JSON.readTree(json).path("last_snapshot").asText(""));
            } catch (IOException notJson) {
                return Optional.empty();
            }
        }

        /** Returns the time; empty if the text holds none. */
        static Optional<Instant> parse(String text) {
            Matcher day = DAY.matcher(text);
            Matcher time = TIME.matcher(text);
            Matcher year = YEAR.matcher(text);
            if (!day.find() || !time.find() || !year.find()) {
                return Optional.empty();
            }
            String date = day.group(1) != null ? day.group(1) + " " + day.group(2) : day.group(4) + " " + day.group(3);
            boolean isHalfDay = time.group(2) != null;
            String clock = time.group(1) + (isHalfDay ? " " + time.group(2) : "");
            try {
                return Optional.of(
                        LocalDateTime.parse(date + " " + year.group(1) + " " + clock, isHalfDay ? HOURS_12 : HOURS_24)
                                .toInstant(ZoneOffset.UTC));
            } catch (DateTimeException notATime) {
                return Optional.empty();
            }
        }
    }
}
