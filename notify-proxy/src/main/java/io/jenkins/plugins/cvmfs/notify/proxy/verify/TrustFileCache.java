package io.jenkins.plugins.cvmfs.notify.proxy.verify;

import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryFile;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The whitelist and the certificates of one repository: a cache, and the fetching of what it lacks. One file is fetched at a time, and
 * everyone who needs it waits for that fetch. The whitelist goes first, then what a sender with a right needs. After a failure the
 * same file is not fetched again for {@link #AFTER_FAILURE}. Thread-safe.
 */
final class TrustFileCache {

    /** Certificates that may wait for each kind of sender: a real repository has one, strangers invent the others. */
    static final int MAX_WAITING = 64;

    /** Strangers that may wait for one file. */
    static final int MAX_STRANGERS = 48;

    /** The time for which a failure answers further requests. */
    static final Duration AFTER_FAILURE = Duration.ofSeconds(2);

    private static final int MAX_CERTIFICATES = 4;
    private static final String WHITELIST = RepositoryFile.WHITELIST.path();

    /** Fetches a file from the stratum 0. */
    @FunctionalInterface
    interface Fetch {
        CompletableFuture<byte[]> fetch(String path, int maxBytes);
    }

    /** A limit on fetches or verifications is reached. */
    static final class BusyException extends TransientFailureException {

        private static final long serialVersionUID = 1L;

        BusyException(String message) {
            super(message);
        }
    }

    /** A file that senders wait for; its fields are guarded by the lock of the cache. */
    private static final class Wanted {
        final String path;
        final int maxBytes;
        final CompletableFuture<byte[]> result = new CompletableFuture<>();
        boolean hasRight;
        int strangers;

        Wanted(String path, int maxBytes) {
            this.path = path;
            this.maxBytes = maxBytes;
        }

        boolean join(boolean withRight) {
            if (!withRight && strangers >= MAX_STRANGERS) {
                return false;
            }
            hasRight |= withRight;
            strangers += withRight ? 0 : 1;
            return true;
        }
    }

    private record Failure(String path, Throwable cause, long atNanos) {}

    private final Fetch source;
    private final FetchSlots slots;
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
    private final Set<Boolean> requested = new HashSet<>();
    private @Nullable Wanted running;
    private byte @Nullable [] whitelist;
    private long whitelistAtNanos;
    private @Nullable Failure lastFailure;

    /**
     * @param slots for fetches of all repositories
     * @param refresh age at which a whitelist is fetched again
     * @param nanoTime a clock that never jumps
     */
    TrustFileCache(Fetch source, FetchSlots slots, Duration refresh, LongSupplier nanoTime) {
        this.source = source;
        this.slots = slots;
        this.refreshNanos = refresh.toNanos();
        this.nanoTime = nanoTime;
    }

    /** Returns the file if it is in the cache and not too old. */
    synchronized byte @Nullable [] cached(String path) {
        if (!path.equals(WHITELIST)) {
            return certificates.get(path);
        }
        return whitelistAgeNanos() >= refreshNanos ? null : whitelist;
    }

    /** Keeps a certificate that a signature was verified with. Whitelists are kept when they are fetched. */
    synchronized void cacheCertificate(String path, byte[] bytes) {
        if (!path.equals(WHITELIST)) {
            certificates.put(path, bytes);
        }
    }

    /** Returns true if the whitelist was fetched at least this long ago. */
    synchronized boolean isWhitelistOlderThan(Duration age) {
        return whitelist != null && whitelistAgeNanos() >= age.toNanos();
    }

    private long whitelistAgeNanos() {
        return nanoTime.getAsLong() - whitelistAtNanos;
    }

    /**
     * Fetches a file, or waits for the fetch under way. The future fails with {@link BusyException} if too many senders of the same kind
     * wait already.
     *
     * @param hasRight whether the sender has a right to publish
     */
    CompletableFuture<byte[]> fetch(String path, int maxBytes, boolean hasRight) {
        Wanted wanted;
        synchronized (this) {
            wanted = running != null && running.path.equals(path) ? running : waiting.get(path);
            if (wanted == null) {
                Failure recent = lastFailure;
                if (recent != null
                        && recent.path().equals(path)
                        && nanoTime.getAsLong() - recent.atNanos() < AFTER_FAILURE.toNanos()) {
                    return CompletableFuture.failedFuture(recent.cause());
                }
                // The whitelist always has a place: strangers who ask for other files cannot prevent its fetch.
                if (!path.equals(WHITELIST) && countWaiting(hasRight) >= MAX_WAITING) {
                    return busy("too many certificates of this repository wait to be fetched");
                }
                wanted = new Wanted(path, maxBytes);
                waiting.put(path, wanted);
            }
            if (!wanted.join(hasRight)) {
                return busy("too many publishes of this repository wait for the same file");
            }
        }
        requestSlot(hasRight);
        return wanted.result.copy();
    }

    private static CompletableFuture<byte[]> busy(String message) {
        return CompletableFuture.failedFuture(new BusyException(message));
    }

    private long countWaiting(boolean hasRight) {
        return waiting.values().stream()
                .filter(wanted -> wanted.hasRight == hasRight)
                .count();
    }

    /** The file is chosen when the slot is free: a more urgent one may be waiting by then. */
    private void requestSlot(boolean hasRight) {
        synchronized (this) {
            if (countWaiting(hasRight) == 0 || !requested.add(hasRight)) {
                return;
            }
        }
        if (!slots.run(hasRight, () -> fetchNext(hasRight))) {
            refuseWaiting(hasRight);
        }
    }

    private void refuseWaiting(boolean hasRight) {
        List<Wanted> refused;
        synchronized (this) {
            requested.remove(hasRight);
            refused = waiting.values().stream()
                    .filter(wanted -> wanted.hasRight == hasRight)
                    .toList();
            waiting.values().removeAll(refused);
        }
        refused.forEach(
                wanted -> wanted.result.completeExceptionally(new BusyException("too many files wait to be fetched")));
    }

    private CompletableFuture<?> fetchNext(boolean hasRight) {
        Wanted next;
        synchronized (this) {
            requested.remove(hasRight);
            if (running != null || waiting.isEmpty()) {
                return CompletableFuture.completedFuture(null);
            }
            next = waiting.values().stream()
                    .min(Comparator.comparing(TrustFileCache::rank))
                    .orElseThrow();
            waiting.remove(next.path);
            running = next;
        }
        return begin(next).handle((bytes, failure) -> {
            ended(next, bytes, failure);
            return null;
        });
    }

    private CompletableFuture<byte[]> begin(Wanted wanted) {
        try {
            return source.fetch(wanted.path, wanted.maxBytes);
        } catch (Throwable e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static int rank(Wanted wanted) {
        if (wanted.path.equals(WHITELIST)) {
            return 0;
        }
        return wanted.hasRight ? 1 : 2;
    }

    private void ended(Wanted fetched, byte[] bytes, @Nullable Throwable failure) {
        synchronized (this) {
            running = null;
            if (failure != null) {
                lastFailure = new Failure(fetched.path, failure, nanoTime.getAsLong());
            } else if (fetched.path.equals(WHITELIST)) {
                whitelist = bytes;
                whitelistAtNanos = nanoTime.getAsLong();
            }
        }
        if (failure == null) {
            fetched.result.complete(bytes);
        } else {
            fetched.result.completeExceptionally(failure);
        }
        requestSlot(true);
        requestSlot(false);
    }
}
