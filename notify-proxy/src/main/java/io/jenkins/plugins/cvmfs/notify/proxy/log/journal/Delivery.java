package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogListener;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage.Way;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.JournalFormat.JournalRecord;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.RecordBatch.Accepted;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what is new through its stations: it is written to the journal, becomes the last value of its repository, goes to the listener,
 * and is acknowledged. One thread at a time.
 */
final class Delivery {

    private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);

    private final Journal journal;
    private final LastValues lastValues;
    private final PendingAcks acks;
    private final Evictions evictions;
    private final Counter recorded;
    private final Counter repeated;
    private LogListener listener = announcement -> {};
    /** The position of the last message of a stream before the present batch. */
    private @Nullable LogPosition lastRead;

    Delivery(Journal journal, LastValues lastValues, PendingAcks acks, MeterRegistry meters) {
        this.journal = journal;
        this.lastValues = lastValues;
        this.acks = acks;
        this.evictions = new Evictions(lastValues, meters);
        this.recorded = Counter.builder("cvmfs_notify_log_recorded")
                .description("Announcements recorded and delivered")
                .register(meters);
        this.repeated = Counter.builder("cvmfs_notify_log_repeated")
                .description("Messages dropped because they had been recorded before")
                .register(meters);
    }

    /** Delivers what was remembered, and from then on what is new. */
    void start(LogListener to) {
        listener = to;
        lastValues.all().forEach(this::notifyListener);
    }

    /** Reports last values that were dropped to make room for newer ones. */
    void evicted(Collection<RepositoryName> names) {
        evictions.add(names);
    }

    void record(RecordBatch batch) {
        List<Accepted> accepted = batch.accepted();
        List<LogEntry> entries = Stream.concat(
                        batch.located().stream(), accepted.stream().map(Accepted::entry))
                .toList();
        if (!entries.isEmpty()) {
            try {
                journal.write(entries, batch.mustBeSynced());
                batch.located().forEach(this::locate);
                accepted.forEach(this::deliverAndAcknowledge);
            } catch (IOException e) {
                batch.located().forEach(this::locate);
                accepted.forEach(each -> recordUnsafely(each, e));
            }
        }
        if (batch.lastReadOrNull() != null) {
            readUpTo(batch.lastReadOrNull());
        }
        repeated.increment(batch.repeated().size());
        batch.repeated().forEach(acks::recorded);
    }

    /** Notes the position of the last message of the stream that was taken. */
    void readUpTo(LogPosition position) {
        lastRead = position;
    }

    /** Notes the position of a last value; it is written when the journal is rewritten, unless it has been. */
    void locate(LogEntry entry) {
        evictions.add(lastValues.put(entry));
        try {
            listener.located(entry.announcement());
        } catch (RuntimeException e) {
            LOG.atError().addKeyValue("position", entry.position()).setCause(e).log("position cannot be noted");
        }
    }

    private void deliverAndAcknowledge(Accepted each) {
        deliver(each);
        each.message().id().ifPresent(each.isUnread() ? acks::deliveredUnread : acks::recorded);
    }

    private void recordUnsafely(Accepted accepted, IOException cause) {
        Way way = accepted.message().way();
        if (!way.mustBeDurable()) {
            deliverAndAcknowledge(accepted);
            return;
        }
        if (way != Way.PUBLISHER) {
            // It has been announced to others already.
            deliver(accepted);
        }
        accepted.message().id().ifPresent(id -> acks.fail(id, cause));
    }

    private void deliver(Accepted accepted) {
        LogEntry entry = accepted.entry();
        List<RepositoryName> dropped = lastValues.put(entry);
        evictions.add(dropped);
        dropped.forEach(listener::forgotten);
        recorded.increment();
        notifyListener(toTell(accepted));
    }

    /** Returns the entry with a position that subscribers of any proxy can continue from. */
    private LogEntry toTell(Accepted accepted) {
        LogEntry entry = accepted.entry();
        LogPosition before = lastRead;
        if (before == null || !accepted.isUnread()) {
            return entry;
        }
        return entry.at(new LogPosition(
                before.epoch(), before.offset(), entry.position().offset()));
    }

    private void notifyListener(LogEntry entry) {
        try {
            listener.delivered(entry.announcement());
        } catch (RuntimeException e) {
            LOG.atError()
                    .addKeyValue("repository", entry.repository())
                    .addKeyValue("position", entry.position())
                    .setCause(e)
                    .log("announcement cannot be delivered");
        }
    }

    /**
     * Forgets a repository, unless that has been done, or it has been announced later than that.
     *
     * @param isDecided whether other proxies have forgotten it already: then it is forgotten here although the journal cannot be
     *     written, and is written when the journal is rewritten
     */
    void forget(Forgotten order, boolean isDecided) {
        try {
            if (isBeforeUnread(order)) {
                outlive(order);
            } else if (!isPast(order)) {
                write(order, isDecided);
                lastValues.forget(order);
                listener.forgotten(order.repository());
                LOG.atInfo().addKeyValue("repository", order.repository()).log("repository forgotten");
            }
            if (order.idOrNull() != null) {
                acks.recorded(order.idOrNull());
            }
        } catch (IOException e) {
            if (order.idOrNull() != null) {
                acks.fail(order.idOrNull(), e);
            }
        }
    }

    /** Returns whether an announcement that stands behind the order in the stream has been delivered ahead of it. */
    private boolean isBeforeUnread(Forgotten order) {
        return lastValues
                .of(order.repository())
                .flatMap(LogEntry::id)
                .filter(acks::isUnread)
                .isPresent();
    }

    private boolean isPast(Forgotten order) {
        return lastValues
                .of(order.repository())
                .map(last -> !order.covers(last.announcedAt()))
                .or(() -> lastValues.forgottenAt(order.repository()).map(at -> !at.isBefore(order.at())))
                .orElse(false);
    }

    private void write(JournalRecord record, boolean isDecided) throws IOException {
        try {
            journal.write(List.of(record), true);
        } catch (IOException e) {
            if (!isDecided) {
                throw e;
            }
        }
    }

    /** The repository was announced after this order was given, perhaps with an earlier time: gives its last value a time after the order's. */
    void outlive(Forgotten order) {
        lastValues
                .of(order.repository())
                .filter(last -> order.covers(last.announcedAt()))
                .map(last -> last.after(order.at()))
                .ifPresent(this::replace);
    }

    private void replace(LogEntry last) {
        try {
            journal.write(List.of(last), true);
        } catch (IOException e) {
            // Written with all others when the journal is rewritten.
        }
        evictions.add(lastValues.put(last));
    }

    /**
     * Reports to operators the last values that the limits have no room for: the first ones at once, then once a minute those since.
     */
    private static final class Evictions {

        private static final Duration BETWEEN_LINES = Duration.ofMinutes(1);
        private static final int NAMES_IN_A_LINE = 20;

        private final LastValues lastValues;
        private final Counter counter;
        private final List<RepositoryName> names = new ArrayList<>();
        private long count;
        private boolean hasReported;
        private long reportedNanos;

        Evictions(LastValues lastValues, MeterRegistry meters) {
            this.lastValues = lastValues;
            this.counter = Counter.builder("cvmfs_notify_last_values_left_out")
                    .description("Last announcements forgotten because there are more, or longer ones, than allowed")
                    .register(meters);
        }

        void add(Collection<RepositoryName> dropped) {
            if (dropped.isEmpty()) {
                return;
            }
            counter.increment(dropped.size());
            count += dropped.size();
            dropped.stream().limit(NAMES_IN_A_LINE - names.size()).forEach(names::add);
            if (!hasReported || System.nanoTime() - reportedNanos > BETWEEN_LINES.toNanos()) {
                report();
            }
        }

        private void report() {
            String first = names.stream().map(RepositoryName::value).collect(Collectors.joining(" "));
            LOG.atError()
                    .addKeyValue("leftOut", count)
                    .addKeyValue(
                            "repositories",
                            count > names.size() ? first + " and " + (count - names.size()) + " more" : first)
                    .addKeyValue("limits.max_repositories", lastValues.limits().maxRepositories())
                    .addKeyValue(
                            "limits.max_last_value_bytes", lastValues.limits().maxLastValueBytes())
                    .log(
                            "last values left out, the oldest first, because there are more than the limits allow; raise the limits");
            hasReported = true;
            reportedNanos = System.nanoTime();
            count = 0;
            names.clear();
        }
    }
}
