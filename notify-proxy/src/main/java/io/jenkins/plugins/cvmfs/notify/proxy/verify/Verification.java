package io.jenkins.plugins.cvmfs.notify.proxy.verify;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryFile;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict.Reason;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;

/**
 * Verifies one manifest without ever waiting on a thread: looks at it with the files that are remembered, and if one is missing has
 * it fetched and looks again.
 */
final class Verification {

    /** A certificate, a whitelist, the same again because a newer one may help, and one to spare. */
    private static final int MAX_ROUNDS = 5;

    /** A whitelist that is younger than this is the newest there is. */
    static final Duration YOUNG = Duration.ofSeconds(1);

    private static final String WHITELIST = RepositoryFile.WHITELIST.path();

    /** What a newer whitelist may mend: it was renewed, or names a new certificate. */
    private static final Set<Reason> MENDABLE = EnumSet.of(
            Reason.UNREADABLE_WHITELIST,
            Reason.EXPIRED_WHITELIST,
            Reason.WRONG_WHITELIST,
            Reason.BAD_WHITELIST_SIGNATURE,
            Reason.NOT_LISTED);

    private final Demand demand;
    private final byte[] manifest;
    private final TrustFileCache files;
    private final Turn turn;
    private final CompletableFuture<Verdict> result = new CompletableFuture<>();
    private final Map<String, byte[]> fetched = new HashMap<>();
    private int rounds;
    private int whitelistLimit;

    /**
     * On whose behalf it is done.
     *
     * @param hasRight whether the sender has a right to publish
     * @param executor bounded; may reject
     * @param mayWait asked when a file has to be fetched, before it is waited for
     */
    record Turn(boolean hasRight, Executor executor, BooleanSupplier mayWait) {}

    private Verification(Demand demand, byte[] manifest, TrustFileCache files, Turn turn) {
        this.demand = demand;
        this.manifest = manifest;
        this.files = files;
        this.turn = turn;
    }

    /**
     * Begins.
     *
     * @return fails with {@link BusyException} if there is too much to do, or as the fetch of a file failed
     */
    static CompletableFuture<Verdict> of(Demand demand, byte[] manifest, TrustFileCache files, Turn turn) {
        Verification verification = new Verification(demand, manifest, files, turn);
        verification.next();
        return verification.result;
    }

    private void next() {
        try {
            turn.executor().execute(this::look);
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(new BusyException("too many manifests wait to be verified"));
        } catch (Throwable e) {
            result.completeExceptionally(e);
        }
    }

    /** Whatever is thrown, the result completes: places are held until then. */
    private void look() {
        try {
            lookOnce();
        } catch (Throwable e) {
            result.completeExceptionally(e);
        }
    }

    private void lookOnce() {
        rounds++;
        try {
            Verdict verdict = demand.verifier().verify(demand.repository(), manifest, this::read);
            if (rounds < MAX_ROUNDS && isMendable(verdict) && files.isWhitelistOlderThan(YOUNG)) {
                // Others go on with the one that is remembered: a stranger's old manifest must not hold them up.
                fetch(WHITELIST, whitelistLimit);
            } else {
                end(verdict);
            }
        } catch (MissingFileException e) {
            fetch(e.path(), e.maxBytes());
        }
    }

    private static boolean isMendable(Verdict verdict) {
        return verdict instanceof Verdict.Rejected no && MENDABLE.contains(no.reason());
    }

    private byte[] read(String path, int maxBytes) {
        if (path.equals(WHITELIST)) {
            whitelistLimit = maxBytes;
        }
        byte[] here = fetched.get(path);
        byte[] bytes = here == null ? files.remembered(path) : here;
        if (bytes == null) {
            throw new MissingFileException(path, maxBytes);
        }
        return bytes;
    }

    private void fetch(String path, int maxBytes) {
        if (rounds >= MAX_ROUNDS) {
            result.completeExceptionally(new BusyException("the whitelist changes too often"));
            return;
        }
        if (!turn.mayWait().getAsBoolean()) {
            result.completeExceptionally(new BusyException("too many publishes of this repository are being verified"));
            return;
        }
        var unused = files.fetch(path, maxBytes, turn.hasRight()).whenComplete((bytes, failure) -> {
            if (failure == null) {
                fetched.put(path, bytes);
                next();
            } else {
                result.completeExceptionally(failure);
            }
        });
    }

    private void end(Verdict verdict) {
        if (!(verdict instanceof Verdict.Rejected no && no.reason().compareTo(Reason.BAD_CERTIFICATE) <= 0)) {
            fetched.forEach(files::rememberCertificate);
        }
        result.complete(verdict);
    }
}
