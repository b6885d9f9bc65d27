package io.jenkins.plugins.cvmfs.notify.proxy.broker.journal;

import io.jenkins.plugins.cvmfs.notify.proxy.broker.journal.Batch.Accepted;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.ActivityTail;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes a batch of arrivals through its stations: write, deliver, settle. On the ledger's thread only. */
final class Recorder {

    private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);

    private final LastValues lastValues;
    private final JournalWriter writer;
    private final Settlement settlement;
    private final ActivityTail tail;
    private final Counter recorded;
    private final Counter repeated;

    Recorder(
            LastValues lastValues,
            JournalWriter writer,
            Settlement settlement,
            ActivityTail tail,
            MeterRegistry meters) {
        this.lastValues = lastValues;
        this.writer = writer;
        this.settlement = settlement;
        this.tail = tail;
        this.recorded = Counter.builder("cvmfs_notify_log_recorded")
                .description("Announcements recorded and delivered")
                .register(meters);
        this.repeated = Counter.builder("cvmfs_notify_log_repeated")
                .description("Arrivals left out because they had been recorded before")
                .register(meters);
    }

    /** Delivers what was remembered. */
    void replay() {
        lastValues.all().forEach(this::deliver);
    }

    void record(Batch batch) {
        if (!batch.accepted().isEmpty()) {
            recordNew(batch);
        }
        repeated.increment(batch.repeated().size());
        batch.repeated().forEach(settlement::recorded);
    }

    private void recordNew(Batch batch) {
        try {
            writer.write(batch.entries(), batch.mustBeDurable());
            batch.accepted().forEach(accepted -> {
                publish(accepted.entry());
                accepted.arrival().id().ifPresent(settlement::recorded);
            });
        } catch (IOException e) {
            batch.accepted().forEach(accepted -> recordUnsafely(accepted, e));
        }
    }

    private void recordUnsafely(Accepted accepted, IOException cause) {
        Source source = accepted.arrival().source();
        if (source.isDeliveredAnyway()) {
            publish(accepted.entry());
        }
        accepted.arrival().id().ifPresent(id -> {
            if (source.mustBeDurable()) {
                settlement.notRecorded(id, cause);
            } else {
                settlement.recorded(id);
            }
        });
    }

    private void publish(Entry entry) {
        lastValues.put(entry);
        recorded.increment();
        deliver(entry);
    }

    private void deliver(Entry entry) {
        try {
            tail.delivered(entry.announcement());
        } catch (RuntimeException e) {
            LOG.atError()
                    .addKeyValue("repository", entry.repository())
                    .addKeyValue("position", entry.announcement().position())
                    .setCause(e)
                    .log("An announcement could not be handed on");
        }
    }
}
