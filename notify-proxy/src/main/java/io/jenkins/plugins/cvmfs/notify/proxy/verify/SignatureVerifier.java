package io.jenkins.plugins.cvmfs.notify.proxy.verify;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.DaemonThreads;
import io.jenkins.plugins.cvmfs.notify.client.transport.LazyNetwork;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotFoundException;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.Trust;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Reloadable;
import io.jenkins.plugins.cvmfs.notify.proxy.tls.TlsIdentity;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.TrustFileCache.BusyException;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.VerificationPolicy.Rule;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.VerificationResult.Admittance;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.VerifiedRevisions.AppendRules;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.VerifiedRevisions.LastValue;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies announcements as the configuration requires, and remembers the newest verified revision of each repository.
 *
 * <p>Thread-safe, and no method blocks except {@link #prepare}: signatures are checked on two threads with a bounded queue, those of
 * strangers on two others; files arrive on the network's threads.
 */
public final class SignatureVerifier implements Reloadable, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SignatureVerifier.class);
    private static final VerificationResult NOT_VERIFIED = new VerificationResult.NotVerified();
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final int THREADS = 2;
    private static final int MAX_QUEUED = 1_000;
    private static final int MAX_REPOSITORIES = 10_000;

    /**
     * The sender of an announcement.
     *
     * @param hasRight whether a credential, a certificate or an address gives the sender the right to publish; if not, the sender is a
     *     stranger, and only the signature counts
     * @param mayRepeat whether the last revision, sent again, is announced again
     * @param network whom a stranger is counted with: the IPv4 address, or the first address of the IPv6 network of 64 bits
     */
    public record Sender(boolean hasRight, boolean mayRepeat, InetAddress network) {

        /** A publisher: with a right it may repeat what it announced. */
        public Sender(boolean hasRight, InetAddress network) {
            this(hasRight, hasRight, network);
        }
    }

    /**
     * A policy, and the files fetched under it.
     *
     * @param files of the most recently published repositories; guarded by its own lock
     */
    private record PolicyFiles(VerificationPolicy policy, Map<RepositoryName, TrustFileCache> files) {
        static PolicyFiles of(VerificationPolicy policy) {
            return new PolicyFiles(policy, new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<RepositoryName, TrustFileCache> eldest) {
                    return size() > MAX_REPOSITORIES;
                }
            });
        }
    }

    private final LazyNetwork stratum0;
    private final Function<RepositoryName, Optional<ActivityMessage>> lastPublished;
    private final Clock clock;
    private final FetchSlots slots;
    private final FetchWaitLimit waitLimit;
    private final VerificationMetrics metrics;
    private final ThreadPoolExecutor threads = threads("cvmfs-notify-verify");
    private final ThreadPoolExecutor threadsForStrangers = threads("cvmfs-notify-verify-strangers");

    /** Of each repository that publishes. */
    private final ConcurrentMap<RepositoryName, VerifiedRevisions> verified = new ConcurrentHashMap<>();

    private volatile PolicyFiles current;

    /**
     * Reads the master keys and the blacklist.
     *
     * @param stratum0 the way to stratum 0 servers, as {@link #network} makes it; closed by its owner
     * @param maxPending publishes that may be pending; a quarter of them may wait for files
     * @param lastPublished the last value of a repository in the log
     * @param clock decides whether a whitelist has expired
     * @throws InvalidInputException if a file cannot be used; the message names it
     */
    public SignatureVerifier(
            AccessConfig config,
            LazyNetwork stratum0,
            int maxPending,
            Function<RepositoryName, Optional<ActivityMessage>> lastPublished,
            Clock clock,
            MeterRegistry meters) {
        VerificationPolicy policy = VerificationPolicy.read(config, clock);
        this.current = PolicyFiles.of(policy);
        this.stratum0 = stratum0;
        this.lastPublished = lastPublished;
        this.clock = clock;
        this.slots = new FetchSlots(config.trust().maxFetches());
        this.waitLimit = new FetchWaitLimit(maxPending);
        this.metrics = new VerificationMetrics(meters, slots);
        LOG.atInfo().addKeyValue("entries", policy.summary()).log("signature verification in effect");
    }

    /**
     * Returns the network over which stratum 0 servers are read: with the JVM's HTTP proxy, and with its certificate authorities unless
     * the configuration names others.
     *
     * @throws InvalidInputException if their file cannot be used; the message names it
     */
    public static LazyNetwork network(Trust trust) {
        Network.Builder settings = Network.builder().userAgent("notify-proxy").readTimeLimit(trust.fetchTimeout());
        if (trust.caFile().isPresent()) {
            settings.tls(TlsIdentity.clientContext(trust.caFile(), Optional.empty()));
        }
        return new LazyNetwork(settings);
    }

    private static ThreadPoolExecutor threads(String name) {
        return DaemonThreads.pool(THREADS, MAX_QUEUED, DaemonThreads.numbered(name));
    }

    /** Takes over the keys and the repositories of a new configuration. Fetched files are forgotten, verified revisions are not. */
    @Override
    public Runnable prepare(ProxyConfig next) {
        VerificationPolicy policy = VerificationPolicy.read(next.access(), clock);
        return () -> {
            current = PolicyFiles.of(policy);
            LOG.atInfo().addKeyValue("entries", policy.summary()).log("signature verification in effect");
        };
    }

    /** Returns true if announcements of this repository are verified. */
    public boolean isVerified(RepositoryName repository) {
        return current.policy().rule(repository).isPresent();
    }

    /** Verifies an announcement if its repository requires it. The future always completes normally. */
    public CompletableFuture<VerificationResult> verify(ActivityMessage message, Sender sender) {
        PolicyFiles now = current;
        Optional<Rule> rule = now.policy().rule(message.repository());
        if (rule.isEmpty()) {
            return CompletableFuture.completedFuture(NOT_VERIFIED);
        }
        long startNanos = System.nanoTime();
        FetchWaitLimit.Place place = waitLimit.place(message.repository(), sender.hasRight() ? null : sender.network());
        var context = new Verification.Context(
                rule.get(),
                files(now, rule.get()),
                sender.hasRight(),
                sender.hasRight() ? threads : threadsForStrangers,
                place::take);
        return verify(message, context).handle((result, failure) -> {
            place.leave();
            VerificationResult ended = failure == null ? result : unknown(failure);
            metrics.ended(ended, System.nanoTime() - startNanos);
            return ended;
        });
    }

    private CompletableFuture<VerificationResult> verify(ActivityMessage message, Verification.Context context) {
        return Verification.start(message.manifestBytes(), context).thenCompose(verdict -> {
            if (verdict instanceof Verdict.Rejected no) {
                return CompletableFuture.completedFuture(
                        new VerificationResult.Rejected(no.reason(), no.explanation()));
            }
            boolean allowRollback = context.rule().allowRollback();
            return learnFromLog(message, context).thenApply(learnt -> new VerificationResult.Trusted(allowRollback));
        });
    }

    /** After a restart, or when another proxy admitted it, the log has the same or a newer revision; if that is signed, it counts. */
    private CompletableFuture<Void> learnFromLog(ActivityMessage message, Verification.Context context) {
        VerifiedRevisions known = verified(message.repository());
        Optional<ActivityMessage> last = lastPublished
                .apply(message.repository())
                .filter(value -> !message.revision().isNewerThan(value.revision()))
                .filter(value -> !known.have(value.revision()));
        if (context.rule().allowRollback() || last.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        if (isManifestOf(last.get(), message)) {
            known.learn(message.revision());
            return CompletableFuture.completedFuture(null);
        }
        return Verification.start(last.get().manifestBytes(), context).handle((verdict, failure) -> {
            if (verdict instanceof Verdict.Trusted) {
                known.learn(last.get().revision());
            } else if (failure != null && !(NotifyException.unwrapped(failure) instanceof NotFoundException)) {
                throw new CompletionException(NotifyException.unwrapped(failure));
            }
            return null;
        });
    }

    private static boolean isManifestOf(ActivityMessage one, ActivityMessage other) {
        return Arrays.equals(one.manifestBytes(), other.manifestBytes());
    }

    private VerifiedRevisions verified(RepositoryName repository) {
        return verified.computeIfAbsent(repository, none -> new VerifiedRevisions());
    }

    private TrustFileCache files(PolicyFiles now, Rule rule) {
        synchronized (now.files()) {
            return now.files()
                    .computeIfAbsent(
                            rule.repository(),
                            name -> new TrustFileCache(
                                    (path, maxBytes) -> stratum0.get()
                                            .repositoryReader()
                                            .file(rule.stratum0(), path, maxBytes)
                                            .whenComplete((bytes, failure) -> fetched(name, failure)),
                                    slots,
                                    now.policy().trust().whitelistRefresh(),
                                    System::nanoTime));
        }
    }

    /** A missing file may be one that a stranger invented; any other failure is the administrator's concern. */
    private void fetched(RepositoryName repository, @Nullable Throwable failure) {
        metrics.fetched(failure);
        if (failure != null && !(NotifyException.unwrapped(failure) instanceof NotFoundException)) {
            LOG.atWarn()
                    .addKeyValue("repository", repository)
                    .addKeyValue("reason", NotifyException.unwrapped(failure).getMessage())
                    .log("cannot fetch a whitelist or certificate");
        }
    }

    private static VerificationResult unknown(Throwable failure) {
        Throwable cause = NotifyException.unwrapped(failure);
        if (!(cause instanceof NotifyException)) {
            LOG.atError().setCause(cause).log("verification fails unexpectedly");
            return new VerificationResult.Unknown(
                    false, "the signature cannot be verified now", TrustFileCache.AFTER_FAILURE);
        }
        if (cause instanceof BusyException) {
            return new VerificationResult.Unknown(true, String.valueOf(cause.getMessage()), SOON);
        }
        return cause instanceof TransientFailureException && !(cause instanceof NotFoundException)
                ? new VerificationResult.Unknown(
                        false, "the stratum 0 cannot be read now", TrustFileCache.AFTER_FAILURE)
                : new VerificationResult.Rejected(
                        Verdict.Reason.BAD_CERTIFICATE, "the stratum 0 lacks what is needed to verify it");
    }

    /**
     * Appends a verified announcement, unless it is too old and its repository must not roll back, or its revision is announced already and
     * the sender may not repeat it. Announcements of one repository are appended in the order of these calls.
     *
     * @param append begins to append it; must not block, and may be called on another thread
     * @return fails as the append failed
     */
    public CompletableFuture<Admittance> admit(
            ActivityMessage message,
            VerificationResult.Trusted result,
            Sender sender,
            Supplier<CompletableFuture<Void>> append) {
        LastValue lastValue = lastPublished
                .apply(message.repository())
                .map(last -> isManifestOf(last, message) ? LastValue.SAME : LastValue.OTHER)
                .orElse(LastValue.NONE);
        AppendRules rules = new AppendRules(result.allowRollback(), sender.mayRepeat(), lastValue);
        return verified(message.repository()).admit(message.revision(), rules, append);
    }

    /** Ends verifications; publishes waiting for them are answered once the network is closed too. Closing twice is fine. */
    @Override
    public void close() {
        threads.shutdownNow();
        threadsForStrangers.shutdownNow();
    }
}
