package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.message.MessageFormatException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.Forgotten;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage.Way;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogRecorder;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Parses what the broker delivers. Other programs may write to the exchange: foreign messages are dropped. */
final class MessageReader {

    private static final Logger LOG = LoggerFactory.getLogger(MessageReader.class);

    private final LogRecorder recorder;
    private final Clock clock;
    private final Counter foreign;

    MessageReader(LogRecorder recorder, Clock clock, MeterRegistry meters) {
        this.recorder = recorder;
        this.clock = clock;
        this.foreign = Counter.builder("cvmfs_notify_broker_foreign")
                .description("Messages on the exchange that are not activity messages, and were dropped")
                .register(meters);
    }

    LogRecorder recorder() {
        return recorder;
    }

    /** Parses an activity message; empty, and counted, if the bytes are anything else. */
    Optional<ActivityMessage> read(byte[] body) {
        try {
            return Optional.of(ActivityMessage.parse(body));
        } catch (MessageFormatException e) {
            dropped(e.getMessage());
            return Optional.empty();
        }
    }

    /** Parses an activity message that must be about the repository of its routing key. */
    Optional<ActivityMessage> read(String routingKey, byte[] body) {
        return read(body).filter(message -> {
            boolean matches = RoutingKeys.of(message.repository()).equals(routingKey);
            if (!matches) {
                dropped("repository differs from the routing key");
            }
            return matches;
        });
    }

    private void dropped(@Nullable String reason) {
        foreign.increment();
        LOG.atDebug().addKeyValue("reason", reason).log("message on the exchange dropped");
    }

    /** Parses an order to forget a repository; empty if the bytes are anything else. */
    Optional<Forgotten> forget(MessageProperties properties, byte[] body) {
        Instant at = properties.announcedAtOrNull() != null ? properties.announcedAtOrNull() : clock.instant();
        return Forgotten.parse(body, at, properties.idOrNull());
    }

    /**
     * Combines a message with what its properties say; one without a time is accepted now.
     *
     * @param positionOrNull the position in the stream; null unless it comes from one
     */
    IncomingMessage incoming(
            ActivityMessage message, MessageProperties properties, Way way, @Nullable LogPosition positionOrNull) {
        Instant announcedAt = properties.announcedAtOrNull() != null
                ? properties.announcedAtOrNull()
                : recorder.lastValues().nextTime(message.repository(), clock.instant());
        return new IncomingMessage(message, properties.idOrNull(), announcedAt, way, positionOrNull);
    }
}
