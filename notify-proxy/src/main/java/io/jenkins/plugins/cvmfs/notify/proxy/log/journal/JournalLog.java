package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.client.FileProblem;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryLimits;
import io.jenkins.plugins.cvmfs.notify.proxy.log.ActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogListener;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogState;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage.Source;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogEntry.Recency;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogRecorder.AckListener;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.PendingAcks.Pending;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The activity log of standalone mode. With a state folder it is kept in a journal; without one a restart forgets it, and an append is
 * delivered on the thread of its caller, so that its future is complete when it is returned.
 */
public final class JournalLog implements ActivityLog {

    private final PendingAcks<Pending> pending;
    private final LogRecorder recorder;
    private final Clock clock;

    /** With a number behind it, an id: a random one for each publish costs as much as reading its message. */
    private final long run = UUID.randomUUID().getMostSignificantBits();

    private final AtomicLong publishes = new AtomicLong();

    /**
     * Opens the journal; nothing is delivered before {@link #start}.
     *
     * @param folder where the journal is; empty for none
     * @param limits how many last values are kept
     * @param capacity publishes that may wait for the disk
     * @param timeLimit how long a publish waits at most
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
        JournalFile file = folder.map(JournalFile::open).orElse(null);
        return new JournalLog(file, limits, capacity, timeLimit, clock, meters);
    }

    JournalLog(
            @Nullable JournalFile fileOrNull,
            RepositoryLimits limits,
            int capacity,
            Duration timeLimit,
            Clock clock,
            MeterRegistry meters) {
        PendingAcks<Pending> acks = new PendingAcks<>(timeLimit);
        this.pending = acks;
        this.recorder = new LogRecorder(
                fileOrNull,
                limits,
                capacity,
                Duration.ZERO,
                new AckListener() {
                    @Override
                    public void recorded(UUID id) {
                        acks.succeed(id);
                    }

                    @Override
                    public void notRecorded(UUID id, Exception cause) {
                        acks.fail(id, cause);
                    }
                },
                meters);
        this.clock = clock;
    }

    @Override
    public void start(LogListener listener) {
        recorder.start(listener);
    }

    @Override
    public CompletableFuture<Void> append(ActivityMessage message) {
        return submit(id -> recorder.offer(new IncomingMessage(message, id, now(), Source.PUBLISHER)));
    }

    @Override
    public CompletableFuture<Void> forget(RepositoryName repository) {
        return submit(id -> recorder.offerForget(new Forgotten(repository, now(), id)));
    }

    private Instant now() {
        return Recency.nearestTime(clock.instant().truncatedTo(ChronoUnit.MILLIS));
    }

    private CompletableFuture<Void> submit(Predicate<UUID> offer) {
        UUID id = new UUID(run, publishes.incrementAndGet());
        CompletableFuture<Void> answer = pending.add(id, new Pending()).answer();
        if (!offer.test(id)) {
            pending.fail(id, new LogUnavailableException(recorder.refusal(), null));
        }
        return answer;
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
