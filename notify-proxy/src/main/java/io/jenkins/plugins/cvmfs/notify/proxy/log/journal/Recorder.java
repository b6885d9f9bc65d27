package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.RecordBatch.Accepted;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.List;

/** Takes a batch of arrivals through its stations: write, deliver, settle. On the ledger's thread only. */
final class Recorder {

    private final JournalWriter writer;
    private final Delivery delivery;
    private final Settlement settlement;
    private final Counter repeated;

    Recorder(JournalWriter writer, Delivery delivery, Settlement settlement, MeterRegistry meters) {
        this.writer = writer;
        this.delivery = delivery;
        this.settlement = settlement;
        this.repeated = Counter.builder("cvmfs_notify_log_repeated")
                .description("Arrivals left out because they had been recorded before")
                .register(meters);
    }

    void record(RecordBatch batch) {
        if (!batch.accepted().isEmpty()) {
            recordNew(batch);
        }
        repeated.increment(batch.repeated().size());
        batch.repeated().forEach(settlement::recorded);
    }

    /** Forgets a repository, unless that has been done, or it has been announced later than that. */
    void forget(Forget order) {
        try {
            if (!delivery.isPast(order.what())) {
                write(order);
                delivery.forget(order.what());
            }
            order.id().ifPresent(settlement::recorded);
        } catch (IOException e) {
            order.id().ifPresent(id -> settlement.notRecorded(id, e));
        }
    }

    /** Sees to it that the last announcement's time is after the order's. */
    void outlive(Outlived outlived) {
        delivery.last(outlived.order())
                .filter(last -> !last.announcedAt().isAfter(outlived.order().at()))
                .map(last -> last.after(outlived.order().at()))
                .ifPresent(this::replace);
    }

    private void replace(LogEntry last) {
        try {
            writer.write(List.of(last), true);
        } catch (IOException e) {
            // It is written with all the rest when the journal is written anew.
        }
        delivery.replace(last);
    }

    private void write(Forget order) throws IOException {
        try {
            writer.write(List.of(order.what()), true);
        } catch (IOException e) {
            if (!order.isDecided()) {
                throw e;
            }
            // What is forgotten anyway is written with all the rest when the journal is written anew.
        }
    }

    private void recordNew(RecordBatch batch) {
        try {
            writer.write(batch.entries(), batch.mustBeDurable());
            batch.accepted().forEach(accepted -> {
                delivery.deliver(accepted.entry());
                accepted.arrival().id().ifPresent(settlement::recorded);
            });
        } catch (IOException e) {
            batch.accepted().forEach(accepted -> recordUnsafely(accepted, e));
        }
    }

    private void recordUnsafely(Accepted accepted, IOException cause) {
        Source source = accepted.arrival().source();
        if (source.isDeliveredAnyway()) {
            delivery.deliver(accepted.entry());
        }
        accepted.arrival().id().ifPresent(id -> {
            if (source.mustBeDurable()) {
                settlement.notRecorded(id, cause);
            } else {
                settlement.recorded(id);
            }
        });
    }
}
