package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.client.FileProblem;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryLimits;
import io.jenkins.plugins.cvmfs.notify.proxy.log.ActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogListener;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogState;
import io.jenkins.plugins.cvmfs.notify.proxy.log.PublishOrigin;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage.Way;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogEntry.Recency;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The activity log of standalone mode. With a state folder it is kept in a journal; without one a restart forgets it, and an append is
 * delivered on the thread of its caller, so that its future is complete when it is returned.
 */
public final class JournalLog implements ActivityLog {

    private final PendingAcks pending;
    private final LogRecorder recorder;
    private final Clock clock;

    /** With a number behind it, an id: a random one for each publish costs as much as reading its message. */
    private final long run = UUID.randomUUID().getMostSignificantBits();

    private final AtomicLong publishes = new AtomicLong();

    /**
     * Opens the journal; nothing is delivered before {@link #start}.
     *
     * @param clock tells when a message was announced
     * @throws io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException if the state folder cannot be used, or another proxy
     *     uses it
     */
    public static JournalLog open(ProxyConfig config, Clock clock, MeterRegistry meters) {
        return new JournalLog(
                config.stateDir().map(JournalFile::open).orElse(null),
                config.limits().repositories(),
                config.limits().maxPendingPublishes(),
                config.amqp().confirmTimeout(),
                clock,
                meters);
    }

    /**
     * @param fileOrNull where the journal is; null for none
     * @param limits how many last values are kept
     * @param capacity publishes that may wait for the disk
     * @param timeLimit how long a publish waits at most
     */
    JournalLog(
            @Nullable JournalFile fileOrNull,
            RepositoryLimits limits,
            int capacity,
            Duration timeLimit,
            Clock clock,
            MeterRegistry meters) {
        this.pending = new PendingAcks(timeLimit);
        this.recorder = new LogRecorder(fileOrNull, limits, capacity, Duration.ZERO, pending, meters);
        this.clock = clock;
    }

    @Override
    public void start(LogListener listener) {
        recorder.start(listener);
    }

    @Override
    public CompletableFuture<Void> append(ActivityMessage message, PublishOrigin origin) {
        UUID id = new UUID(run, publishes.incrementAndGet());
        CompletableFuture<Void> answer = pending.await(id);
        if (!recorder.offer(new IncomingMessage(message, id, Recency.now(clock), Way.PUBLISHER))) {
            recorder.refuse(id);
        }
        return answer;
    }

    @Override
    public CompletableFuture<Void> forget(RepositoryName repository) {
        return recorder.forget(repository, Recency.now(clock));
    }

    @Override
    public CompletableFuture<Void> follow(RepositoryName repository) {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public LogState state() {
        return recorder.failure()
                .map(failure -> new LogState(
                        "journal",
                        false,
                        true,
                        recorder.describe() + " cannot be written: " + FileProblem.reason(failure)))
                .orElseGet(() -> new LogState("journal", true, true, recorder.describe()));
    }

    @Override
    public void close() {
        recorder.close();
        pending.close();
    }
}
