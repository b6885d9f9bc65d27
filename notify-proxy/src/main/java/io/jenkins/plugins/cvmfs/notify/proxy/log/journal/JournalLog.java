package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryLimits;
import io.jenkins.plugins.cvmfs.notify.proxy.log.ActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogListener;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogState;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The activity log of standalone mode. With a state folder it is kept in a journal; without one a restart forgets it, and an append is
 * delivered on the thread of its caller, so that its future is complete when it is returned.
 */
public final class JournalLog implements ActivityLog {

    private final PendingAcks pending;
    private final LogRecorder ledger;
    private final Clock clock;
    /** With a number behind it, an id: one that is drawn for each publish costs as much as reading its message. */
    private final long run = UUID.randomUUID().getMostSignificantBits();

    private final AtomicLong publishes = new AtomicLong();

    /**
     * Opens the journal; nothing is delivered before {@link #start}.
     *
     * @param folder where the journal is; empty for none
     * @param limits how many last values are kept
     * @param capacity appends that may wait for the disk
     * @param timeLimit how long an append waits at most
     * @param clock tells when a message was announced
     * @throws io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException if the folder cannot be used, or another proxy
     *     uses it
     */
    public static JournalLog open(
            Optional<Path> folder,
            RepositoryLimits limits,
            int capacity,
            Duration timeLimit,
            Clock clock,
            MeterRegistry meters) {
        Journal journal = folder.<Journal>map(JournalFile::open).orElseGet(NoJournal::new);
        return new JournalLog(journal, limits, capacity, timeLimit, clock, meters);
    }

    JournalLog(
            Journal journal,
            RepositoryLimits limits,
            int capacity,
            Duration timeLimit,
            Clock clock,
            MeterRegistry meters) {
        this.pending = new PendingAcks(timeLimit);
        this.ledger = new LogRecorder(journal, limits, capacity, Duration.ZERO, new Outcomes(pending), meters);
        this.clock = clock;
    }

    @Override
    public void start(LogListener tail) {
        ledger.start(tail);
    }

    @Override
    public CompletableFuture<Void> append(ActivityMessage message) {
        UUID id = new UUID(run, publishes.incrementAndGet());
        Instant time = ledger.lastValues().nextTime(message.repository(), clock.instant());
        CompletableFuture<Void> answer = pending.add(id);
        if (!ledger.offer(new IncomingMessage(message, id, time, new Source.Publisher()))) {
            pending.fail(id, new LogUnavailableException("too many messages wait for the disk", null));
        }
        return answer;
    }

    @Override
    public CompletableFuture<Void> forget(RepositoryName repository) {
        UUID id = new UUID(run, publishes.incrementAndGet());
        Instant time = ledger.lastValues().nextTime(repository, clock.instant());
        CompletableFuture<Void> answer = pending.add(id);
        if (!ledger.offer(new Forget(new Forgotten(repository, time), id, false))) {
            pending.fail(id, new LogUnavailableException("too many messages wait for the disk", null));
        }
        return answer;
    }

    @Override
    public CompletableFuture<Void> follow(RepositoryName repository) {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public LogState state() {
        return ledger.trouble()
                .map(trouble ->
                        new LogState("journal", false, true, ledger.describe() + " cannot be written: " + trouble))
                .orElseGet(() -> new LogState("journal", true, true, ledger.describe()));
    }

    @Override
    public void close() {
        ledger.close();
        pending.close();
    }

    /** What the ledger says is what the publisher hears. */
    private record Outcomes(PendingAcks pending) implements Settlement {

        @Override
        public void recorded(UUID id) {
            pending.succeed(id);
        }

        @Override
        public void notRecorded(UUID id, Exception cause) {
            pending.fail(id, cause);
        }
    }
}
