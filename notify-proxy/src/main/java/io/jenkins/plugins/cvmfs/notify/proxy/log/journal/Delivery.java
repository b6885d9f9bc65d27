package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The last station of an entry: it becomes the last value of its repository, and goes to the tail. One thread at a time. */
final class Delivery {

    private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);

    private final LastValues lastValues;
    private final LogListener tail;
    private final LeftOut leftOut;
    private final Counter recorded;

    Delivery(LastValues lastValues, LogListener tail, LeftOut leftOut, MeterRegistry meters) {
        this.lastValues = lastValues;
        this.tail = tail;
        this.leftOut = leftOut;
        this.recorded = Counter.builder("cvmfs_notify_log_recorded")
                .description("Announcements recorded and delivered")
                .register(meters);
    }

    /** Delivers what was remembered. */
    void replay() {
        lastValues.all().forEach(this::handOn);
    }

    /** Delivers what is new. */
    void deliver(LogEntry entry) {
        List<RepositoryName> forgotten = lastValues.put(entry);
        leftOut.add(forgotten);
        forgotten.forEach(tail::forgotten);
        recorded.increment();
        handOn(entry);
    }

    /** The last announcement of the repository that is to be forgotten. */
    Optional<LogEntry> last(Forgotten order) {
        return lastValues.of(order.repository());
    }

    /** Takes what has been delivered once more, with another time. */
    void replace(LogEntry last) {
        leftOut.add(lastValues.put(last));
    }

    /** Whether the repository was announced later than that, or has been forgotten already. */
    boolean isPast(Forgotten order) {
        return lastValues
                .of(order.repository())
                .map(last -> last.announcedAt().isAfter(order.at()))
                .or(() -> lastValues.forgottenAt(order.repository()).map(at -> !at.isBefore(order.at())))
                .orElse(false);
    }

    /** Forgets a repository. */
    void forget(Forgotten order) {
        lastValues.forget(order);
        tail.forgotten(order.repository());
        LOG.atInfo().addKeyValue("repository", order.repository()).log("repository forgotten");
    }

    private void handOn(LogEntry entry) {
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
