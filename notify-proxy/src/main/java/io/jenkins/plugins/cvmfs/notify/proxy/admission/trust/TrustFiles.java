package io.jenkins.plugins.cvmfs.notify.proxy.admission.trust;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryFile;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The whitelist and the certificates of one repository: what is remembered of them, and the fetching of what is not. One file is
 * fetched at a time, and whoever needs it meanwhile waits for the same. A file that could not be had is not asked for again at
 * once. From any thread.
 */
final class TrustFiles {

    /** Files that may wait: a real repository has one whitelist and one certificate, the rest is made up by strangers. */
    static final int MAX_WAITING = 32;

    /** How long a failure stands for an answer. */
    static final Duration AFTER_FAILURE = Duration.ofSeconds(2);

    private static final int MAX_CERTIFICATES = 4;
    private static final String WHITELIST = RepositoryFile.WHITELIST.path();

    /** Gets a file from the stratum 0. */
    @FunctionalInterface
    interface Fetch {
        CompletableFuture<byte[]> fetch(String path, int maxBytes);
    }

    private record Wanted(String path, int maxBytes, CompletableFuture<byte[]> result) {}

    private record Failure(String path, Throwable cause, long atNanos) {}

    private final Fetch source;
    private final long refreshNanos;
    private final LongSupplier nanoTime;
    private final Map<String, byte[]> certificates = new LinkedHashMap<>(MAX_CERTIFICATES, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, byte[]> eldest) {
            return size() > MAX_CERTIFICATES;
        }
    };
    private final Map<String, Wanted> waiting = new LinkedHashMap<>();
    private @Nullable Wanted running;
    private byte @Nullable [] whitelist;
    private long whitelistAtNanos;
    private @Nullable Failure lastFailure;

    /**
     * @param refresh age at which a whitelist is fetched again
     * @param nanoTime a clock that never jumps
     */
    TrustFiles(Fetch source, Duration refresh, LongSupplier nanoTime) {
        this.source = source;
        this.refreshNanos = refresh.toNanos();
        this.nanoTime = nanoTime;
    }

    /** The file if it is remembered and not too old. */
    synchronized byte @Nullable [] remembered(String path) {
        if (!path.equals(WHITELIST)) {
            return certificates.get(path);
        }
        return whitelistAgeNanos() >= refreshNanos ? null : whitelist;
    }

    /** Remembers a certificate that was the right one. Whitelists are remembered by themselves. */
    synchronized void rememberCertificate(String path, byte[] bytes) {
        if (!path.equals(WHITELIST)) {
            certificates.put(path, bytes);
        }
    }

    /** Forgets the whitelist, for a newer one may help, unless it was fetched so recently that there cannot be one. */
    synchronized boolean forgetWhitelist(Duration youngest) {
        if (whitelist == null || whitelistAgeNanos() < youngest.toNanos()) {
            return false;
        }
        whitelist = null;
        return true;
    }

    private long whitelistAgeNanos() {
        return nanoTime.getAsLong() - whitelistAtNanos;
    }

    /** Fetches a file, or joins those who wait for it. The future fails with {@link BusyException} if too many others are wanted. */
    CompletableFuture<byte[]> fetch(String path, int maxBytes) {
        Wanted wanted;
        synchronized (this) {
            Wanted same = running != null && running.path().equals(path) ? running : waiting.get(path);
            if (same != null) {
                return same.result().copy();
            }
            Failure recent = lastFailure;
            if (recent != null
                    && recent.path().equals(path)
                    && nanoTime.getAsLong() - recent.atNanos() < AFTER_FAILURE.toNanos()) {
                return CompletableFuture.failedFuture(recent.cause());
            }
            // The whitelist always has room: strangers cannot keep it from being fetched by asking for other files.
            if (waiting.size() >= MAX_WAITING && !path.equals(WHITELIST)) {
                return CompletableFuture.failedFuture(
                        new BusyException("too many certificates of this repository wait to be fetched"));
            }
            wanted = new Wanted(path, maxBytes, new CompletableFuture<>());
            waiting.put(path, wanted);
        }
        startNext();
        return wanted.result().copy();
    }

    private void startNext() {
        Wanted next = takeNext();
        if (next != null) {
            var unused = source.fetch(next.path(), next.maxBytes())
                    .whenComplete((bytes, failure) -> ended(next, bytes, failure));
        }
    }

    private synchronized @Nullable Wanted takeNext() {
        if (running != null || waiting.isEmpty()) {
            return null;
        }
        String path = waiting.containsKey(WHITELIST)
                ? WHITELIST
                : waiting.keySet().iterator().next();
        running = waiting.remove(path);
        return running;
    }

    private void ended(Wanted fetched, byte[] bytes, @Nullable Throwable failure) {
        synchronized (this) {
            running = null;
            if (failure != null) {
                lastFailure = new Failure(fetched.path(), failure, nanoTime.getAsLong());
            } else if (fetched.path().equals(WHITELIST)) {
                whitelist = bytes;
                whitelistAtNanos = nanoTime.getAsLong();
            }
        }
        if (failure == null) {
            fetched.result().complete(bytes);
        } else {
            fetched.result().completeExceptionally(failure);
        }
        startNext();
    }
}
