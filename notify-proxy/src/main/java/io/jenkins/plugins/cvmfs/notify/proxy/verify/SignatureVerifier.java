package io.jenkins.plugins.cvmfs.notify.proxy.verify;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotFoundException;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.Verification.Turn;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.VerifiedRevisions.LastValue;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.VerifiedRevisions.Rules;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies what is published, and remembers which revision of each repository was the last that passed.
 *
 * <p>All methods may be called from any thread, event loops too, and none blocks: signatures are computed on two threads of its
 * own with a bounded queue, and those of strangers on two more, files arrive on the reader's threads. Closed by whoever made it.
 */
public final class SignatureVerifier implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SignatureVerifier.class);
    private static final VerificationResult NOT_VERIFIED = new VerificationResult.NotVerified();
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final int THREADS = 2;
    private static final int WAITING = 1_000;
    private static final int MAX_REPOSITORIES = 10_000;

    private final Stratum0Reader reader;
    private final Function<RepositoryName, Optional<ActivityMessage>> lastPublished;
    private final LongSupplier nanoTime;
    private final FetchSlots slots;
    private final VerificationMetrics metrics;
    private final ThreadPoolExecutor threads;
    private final ThreadPoolExecutor threadsForStrangers;
    private final VerifiedRevisions verified = new VerifiedRevisions();
    private volatile Store store;

    /**
     * What is remembered of the repositories' files, under one policy.
     *
     * @param files of the repositories that were published last
     */
    private record Store(VerificationPolicy policy, Map<RepositoryName, TrustFileCache> files) {
        static Store of(VerificationPolicy policy) {
            return new Store(policy, new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<RepositoryName, TrustFileCache> eldest) {
                    return size() > MAX_REPOSITORIES;
                }
            });
        }
    }

    /**
     * @param reader reads files from stratum 0 servers, each within its own time limit
     * @param lastPublished the last message that the log holds of a repository, whoever let it in
     * @param nanoTime a clock that never jumps
     */
    public SignatureVerifier(
            VerificationPolicy policy,
            Stratum0Reader reader,
            Function<RepositoryName, Optional<ActivityMessage>> lastPublished,
            LongSupplier nanoTime,
            MeterRegistry meters) {
        this.store = Store.of(policy);
        this.reader = reader;
        this.lastPublished = lastPublished;
        this.nanoTime = nanoTime;
        this.slots = new FetchSlots(policy.trust().maxFetches());
        this.metrics = new VerificationMetrics(meters, slots);
        this.threads = threads("cvmfs-notify-verify-");
        this.threadsForStrangers = threads("cvmfs-notify-verify-strangers-");
    }

    private static ThreadPoolExecutor threads(String name) {
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor threads = new ThreadPoolExecutor(
                THREADS, THREADS, 30, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), task -> {
                    Thread thread = new Thread(task, name + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    /** From now on another policy holds; what was fetched is forgotten, what was verified is not. */
    public void replace(VerificationPolicy policy) {
        store = Store.of(policy);
    }

    /** Whether messages of this repository are verified. */
    public boolean isVerified(RepositoryName repository) {
        return store.policy().demand(repository).isPresent();
    }

    /**
     * Verifies a message, if its repository asks for it. The future always completes normally.
     *
     * @param mayWait asked when whitelist or certificate have to be fetched, and not otherwise; may be asked several times, and says
     *     whether this message may wait for them
     */
    public CompletableFuture<VerificationResult> verify(
            ActivityMessage message, Sender sender, BooleanSupplier mayWait) {
        Store current = store;
        Optional<Demand> demand = current.policy().demand(message.repository());
        if (demand.isEmpty()) {
            return CompletableFuture.completedFuture(NOT_VERIFIED);
        }
        long startNanos = System.nanoTime();
        Turn turn = new Turn(sender.hasRight(), sender.hasRight() ? threads : threadsForStrangers, mayWait);
        return verify(message, demand.get(), files(current, demand.get()), turn)
                .handle((finding, failure) -> failure == null ? finding : unknown(failure))
                .thenApply(finding -> {
                    metrics.ended(finding, System.nanoTime() - startNanos);
                    return finding;
                });
    }

    private CompletableFuture<VerificationResult> verify(
            ActivityMessage message, Demand demand, TrustFileCache files, Turn turn) {
        return Verification.of(demand, message.manifestBytes(), files, turn).thenCompose(verdict -> {
            if (verdict instanceof Verdict.Rejected no) {
                return CompletableFuture.completedFuture(
                        new VerificationResult.Rejected(no.reason(), no.explanation()));
            }
            return learnFromLog(message, demand, files, turn)
                    .thenApply(learnt -> new VerificationResult.Trusted(demand.allowRollback()));
        });
    }

    /** After a restart, or when another proxy has let it in, the log knows as high a revision or a higher one; if that is signed it counts. */
    private CompletableFuture<Void> learnFromLog(
            ActivityMessage message, Demand demand, TrustFileCache files, Turn turn) {
        Optional<ActivityMessage> last = lastPublished
                .apply(message.repository())
                .filter(known -> !message.revision().isNewerThan(known.revision()))
                .filter(known -> !isKnown(known.revision(), message.repository()));
        if (demand.allowRollback() || last.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        if (isManifestOf(last.get(), message)) {
            verified.learn(message.repository(), message.revision());
            return CompletableFuture.completedFuture(null);
        }
        return Verification.of(demand, last.get().manifestBytes(), files, turn).handle((verdict, failure) -> {
            if (verdict instanceof Verdict.Trusted) {
                verified.learn(message.repository(), last.get().revision());
            } else if (failure != null && !(cause(failure) instanceof NotFoundException)) {
                throw new CompletionException(cause(failure));
            }
            return null;
        });
    }

    private static boolean isManifestOf(ActivityMessage one, ActivityMessage other) {
        return Arrays.equals(one.manifestBytes(), other.manifestBytes());
    }

    private boolean isKnown(Revision revision, RepositoryName repository) {
        return verified.of(repository)
                .filter(known -> !revision.isNewerThan(known))
                .isPresent();
    }

    private TrustFileCache files(Store current, Demand demand) {
        synchronized (current.files()) {
            return current.files()
                    .computeIfAbsent(
                            demand.repository(),
                            name -> new TrustFileCache(
                                    (path, maxBytes) -> reader.file(demand.stratum0(), path, maxBytes)
                                            .whenComplete((bytes, failure) -> fetched(demand.repository(), failure)),
                                    slots,
                                    current.policy().trust().whitelistRefresh(),
                                    nanoTime));
        }
    }

    /** A file that is not there may be one that a stranger has made up; whatever else goes wrong is for the administrator to know. */
    private void fetched(RepositoryName repository, @Nullable Throwable failure) {
        metrics.fetched(failure);
        if (failure != null && !(cause(failure) instanceof NotFoundException)) {
            LOG.atWarn()
                    .addKeyValue("repository", repository)
                    .addKeyValue("reason", cause(failure).getMessage())
                    .log("cannot fetch a whitelist or certificate");
        }
    }

    private static VerificationResult unknown(Throwable failure) {
        Throwable cause = cause(failure);
        if (!(cause instanceof NotifyException)) {
            LOG.atError().setCause(cause).log("verification failed in a way it should not");
            return new VerificationResult.Unknown(
                    false, "the signature cannot be verified now", TrustFileCache.AFTER_FAILURE);
        }
        String explanation = String.valueOf(cause.getMessage());
        if (cause instanceof BusyException) {
            return new VerificationResult.Unknown(true, explanation, SOON);
        }
        return cause instanceof TransientFailureException && !(cause instanceof NotFoundException)
                ? new VerificationResult.Unknown(
                        false, "the stratum 0 cannot be read now", TrustFileCache.AFTER_FAILURE)
                : new VerificationResult.Rejected(
                        Verdict.Reason.BAD_CERTIFICATE, "the stratum 0 lacks what is needed to verify it");
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    /**
     * Appends a verified message, unless a higher revision of its repository was verified before and it may not go back, or it is of
     * a stranger and its revision has been announced already and not been forgotten since. Messages of one repository are appended in the order in which their
     * revisions were found to rise.
     *
     * @param append begins to append it; must not block, and may be called on another thread
     * @return fails as the append failed
     */
    public CompletableFuture<Admittance> admit(
            ActivityMessage message,
            VerificationResult.Trusted finding,
            Sender sender,
            Supplier<CompletableFuture<Void>> append) {
        LastValue lastValue = lastPublished
                .apply(message.repository())
                .map(last -> isManifestOf(last, message) ? LastValue.SAME : LastValue.OTHER)
                .orElse(LastValue.NONE);
        Rules rules = new Rules(finding.allowRollback(), sender.hasRight(), lastValue);
        return verified.admit(message.repository(), message.revision(), rules, append);
    }

    /** Verifies no more. Closing twice is fine. */
    @Override
    public void close() {
        threads.shutdownNow();
        threadsForStrangers.shutdownNow();
    }
}
