package io.jenkins.plugins.cvmfs.notify.proxy.admission.trust;

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
    private final TrustFiles files;
    private final Executor executor;
    private final CompletableFuture<Verdict> result = new CompletableFuture<>();
    private final Map<String, byte[]> fetched = new HashMap<>();
    private int rounds;

    private Verification(Demand demand, byte[] manifest, TrustFiles files, Executor executor) {
        this.demand = demand;
        this.manifest = manifest;
        this.files = files;
        this.executor = executor;
    }

    /**
     * Begins.
     *
     * @param executor bounded; may reject
     * @return fails with {@link BusyException} if there is too much to do, or as the fetch of a file failed
     */
    static CompletableFuture<Verdict> of(Demand demand, byte[] manifest, TrustFiles files, Executor executor) {
        Verification verification = new Verification(demand, manifest, files, executor);
        verification.next();
        return verification.result;
    }

    private void next() {
        try {
            executor.execute(this::look);
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(new BusyException("too many manifests wait to be verified"));
        }
    }

    private void look() {
        rounds++;
        try {
            Verdict verdict = demand.verifier().verify(demand.repository(), manifest, this::read);
            if (rounds < MAX_ROUNDS && isMendable(verdict) && files.forgetWhitelist(YOUNG)) {
                fetched.remove(WHITELIST);
                next();
            } else {
                end(verdict);
            }
        } catch (MissingFileException e) {
            fetch(e);
        } catch (RuntimeException e) {
            result.completeExceptionally(e);
        }
    }

    private static boolean isMendable(Verdict verdict) {
        return verdict instanceof Verdict.Rejected no && MENDABLE.contains(no.reason());
    }

    private byte[] read(String path, int maxBytes) {
        byte[] here = fetched.get(path);
        byte[] bytes = here == null ? files.remembered(path) : here;
        if (bytes == null) {
            throw new MissingFileException(path, maxBytes);
        }
        return bytes;
    }

    private void fetch(MissingFileException missing) {
        if (rounds >= MAX_ROUNDS) {
            result.completeExceptionally(new BusyException("the whitelist changes too often"));
            return;
        }
        var unused = files.fetch(missing.path(), missing.maxBytes()).whenComplete((bytes, failure) -> {
            if (failure == null) {
                fetched.put(missing.path(), bytes);
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
