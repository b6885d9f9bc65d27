package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryLimits;
import io.jenkins.plugins.cvmfs.notify.proxy.log.ActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogListener;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogState;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The activity log of standalone mode without a state folder: a restart forgets it. There is no disk to wait for, so an append is
 * delivered on the thread of its caller, one after the other, and its future is complete when it is returned.
 */
public final class MemoryLog implements ActivityLog {

    private final Journal nowhere = new NoJournal();
    private final OwnPositions positions = new OwnPositions(JournalHeader.fresh());
    private final LastValues lastValues;
    private final Clock clock;
    private final MeterRegistry meters;
    private @Nullable Delivery delivery;

    /**
     * @param limits how many last values are kept
     * @param clock tells when a message was announced
     */
    public MemoryLog(RepositoryLimits limits, Clock clock, MeterRegistry meters) {
        this.lastValues = new LastValues(limits, List.of());
        this.clock = clock;
        this.meters = meters;
    }

    @Override
    public synchronized void start(LogListener tail) {
        delivery = new Delivery(lastValues, tail, new LeftOut(lastValues.limits(), meters), meters);
    }

    @Override
    public synchronized CompletableFuture<Void> append(ActivityMessage message) {
        if (delivery == null) {
            return CompletableFuture.failedFuture(new LogUnavailableException("the log is not open", null));
        }
        Instant time = lastValues.nextTime(message.repository(), clock.instant());
        Announcement announcement = new Announcement(message, positions.take(), time);
        delivery.deliver(new LogEntry(announcement, null));
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public synchronized CompletableFuture<Void> forget(RepositoryName repository) {
        if (delivery == null) {
            return CompletableFuture.failedFuture(new LogUnavailableException("the log is not open", null));
        }
        delivery.forget(new Forgotten(repository, lastValues.nextTime(repository, clock.instant())));
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Void> follow(RepositoryName repository) {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public LogState state() {
        return new LogState("journal", true, true, nowhere.describe());
    }

    @Override
    public synchronized void close() {
        delivery = null;
    }
}
