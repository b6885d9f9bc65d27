package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.message.MessageFormatException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.Forgotten;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage.Source;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogRecorder;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From the bytes that the broker delivers to arrivals at the ledger. Anyone may write to the exchange: what is not ours is dropped. */
final class MessageReader {

    private static final Logger LOG = LoggerFactory.getLogger(MessageReader.class);

    private final LogRecorder ledger;
    private final Clock clock;
    private final BrokerMetrics meters;

    MessageReader(LogRecorder ledger, Clock clock, BrokerMetrics meters) {
        this.ledger = ledger;
        this.clock = clock;
        this.meters = meters;
    }

    LogRecorder ledger() {
        return ledger;
    }

    /** The activity message in these bytes; empty, and counted, if they hold none. */
    Optional<ActivityMessage> read(byte[] body) {
        try {
            return Optional.of(ActivityMessage.parse(body));
        } catch (MessageFormatException e) {
            dropped(e.getMessage());
            return Optional.empty();
        }
    }

    /** The same, if it is about the repository whose routing key it came with. */
    Optional<ActivityMessage> read(String routingKey, byte[] body) {
        return read(body).filter(message -> {
            boolean right = RoutingKeys.of(message.repository()).equals(routingKey);
            if (!right) {
                dropped("it is about another repository than its routing key");
            }
            return right;
        });
    }

    private void dropped(@Nullable String reason) {
        meters.foreignMessage();
        LOG.atDebug().addKeyValue("reason", reason).log("A message on the exchange is none of ours");
    }

    /** The order to forget a repository in these bytes; empty if they hold none. */
    Optional<Forgotten> forget(MessageProperties label, byte[] body) {
        Instant at = label.announcedAtOrNull() != null ? label.announcedAtOrNull() : clock.instant();
        return Forgotten.parse(body, at, label.idOrNull());
    }

    /** The message as it arrived. */
    IncomingMessage arrival(ActivityMessage message, MessageProperties label, Source source) {
        Instant announcedAt = label.announcedAtOrNull() != null
                ? label.announcedAtOrNull()
                : ledger.lastValues().nextTime(message.repository(), clock.instant());
        return new IncomingMessage(message, label.idOrNull(), announcedAt, source);
    }
}
