package io.jenkins.plugins.cvmfs.notify.proxy.verify;

import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryFile;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict.Reason;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.TrustFileCache.BusyException;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.VerificationPolicy.Rule;
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
 * Verifies one manifest without blocking a thread: checks it with the files in the cache, and if one is missing, fetches it and checks
 * again.
 */
final class Verification {

    /** A certificate, a whitelist, a newer whitelist, and one to spare. */
    private static final int MAX_ROUNDS = 5;

    /** A whitelist younger than this counts as current. */
    private static final Duration YOUNG = Duration.ofSeconds(1);

    private static final String WHITELIST = RepositoryFile.WHITELIST.path();

    /** Rejections that a newer whitelist may remove: it was renewed, or names a new certificate. */
    private static final Set<Reason> RETRY_WITH_NEWER_WHITELIST = EnumSet.of(
            Reason.UNREADABLE_WHITELIST,
            Reason.EXPIRED_WHITELIST,
            Reason.WRONG_WHITELIST,
            Reason.BAD_WHITELIST_SIGNATURE,
            Reason.NOT_LISTED);

    private final byte[] manifest;
    private final Context context;
    private final CompletableFuture<Verdict> result = new CompletableFuture<>();
    private final Map<String, byte[]> fetched = new HashMap<>();
    private int rounds;
    private int whitelistLimit;

    /**
     * The parts that it needs.
     *
     * @param files the whitelist and certificates of the repository
     * @param hasRight whether the sender has a right to publish
     * @param executor checks the signatures; bounded, may reject
     * @param mayWait asked each time a file has to be fetched; false refuses the manifest
     */
    record Context(Rule rule, TrustFileCache files, boolean hasRight, Executor executor, BooleanSupplier mayWait) {}

    /** The verifier needs a file that has to be fetched first. */
    private static final class MissingFileException extends TransientFailureException {

        private static final long serialVersionUID = 1L;

        final String path;
        final int maxBytes;

        MissingFileException(String path, int maxBytes) {
            super(path + " has to be fetched first");
            this.path = path;
            this.maxBytes = maxBytes;
        }
    }

    private Verification(byte[] manifest, Context context) {
        this.manifest = manifest;
        this.context = context;
    }

    /**
     * Starts a verification.
     *
     * @return fails with {@link BusyException} if a limit is reached, or as the fetch of a file failed
     */
    static CompletableFuture<Verdict> start(byte[] manifest, Context context) {
        Verification verification = new Verification(manifest, context);
        verification.next();
        return verification.result;
    }

    private void next() {
        try {
            context.executor().execute(this::check);
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(new BusyException("too many manifests wait to be verified"));
        } catch (Throwable e) {
            result.completeExceptionally(e);
        }
    }

    /** Completes the result whatever is thrown: the sender holds a place until then. */
    private void check() {
        try {
            checkOnce();
        } catch (Throwable e) {
            result.completeExceptionally(e);
        }
    }

    private void checkOnce() {
        rounds++;
        try {
            Verdict verdict = context.rule().verifier().verify(context.rule().repository(), manifest, this::read);
            if (rounds < MAX_ROUNDS && mayHelp(verdict) && context.files().isWhitelistOlderThan(YOUNG)) {
                // Others go on with the cached one: a stranger's old manifest must not delay them.
                fetch(WHITELIST, whitelistLimit);
            } else {
                end(verdict);
            }
        } catch (MissingFileException e) {
            fetch(e.path, e.maxBytes);
        }
    }

    private static boolean mayHelp(Verdict verdict) {
        return verdict instanceof Verdict.Rejected no && RETRY_WITH_NEWER_WHITELIST.contains(no.reason());
    }

    private byte[] read(String path, int maxBytes) {
        if (path.equals(WHITELIST)) {
            whitelistLimit = maxBytes;
        }
        byte[] own = fetched.get(path);
        byte[] bytes = own == null ? context.files().cached(path) : own;
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
        if (!context.mayWait().getAsBoolean()) {
            result.completeExceptionally(new BusyException("too many publishes of this repository are being verified"));
            return;
        }
        var unused = context.files().fetch(path, maxBytes, context.hasRight()).whenComplete((bytes, failure) -> {
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
            fetched.forEach(context.files()::cacheCertificate);
        }
        result.complete(verdict);
    }
}
