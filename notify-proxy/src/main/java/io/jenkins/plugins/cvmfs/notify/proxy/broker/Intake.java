package io.jenkins.plugins.cvmfs.notify.proxy.broker;

import io.jenkins.plugins.cvmfs.notify.client.protocol.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.protocol.MessageFormatException;
import io.jenkins.plugins.cvmfs.notify.proxy.broker.journal.Arrival;
import io.jenkins.plugins.cvmfs.notify.proxy.broker.journal.Forget;
import io.jenkins.plugins.cvmfs.notify.proxy.broker.journal.Forgotten;
import io.jenkins.plugins.cvmfs.notify.proxy.broker.journal.Ledger;
import io.jenkins.plugins.cvmfs.notify.proxy.broker.journal.Source;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From the bytes that the broker delivers to arrivals at the ledger. Anyone may write to the exchange: what is not ours is dropped. */
final class Intake {

    private static final Logger LOG = LoggerFactory.getLogger(Intake.class);

    private final Ledger ledger;
    private final Clock clock;
    private final BrokerMeters meters;

    Intake(Ledger ledger, Clock clock, BrokerMeters meters) {
        this.ledger = ledger;
        this.clock = clock;
        this.meters = meters;
    }

    Ledger ledger() {
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
    Optional<Forget> forget(Label label, byte[] body) {
        Instant at = label.announcedAtOrNull() != null ? label.announcedAtOrNull() : clock.instant();
        return Forgotten.parse(body, at).map(order -> new Forget(order, label.idOrNull(), true));
    }

    /** The message as it arrived. */
    Arrival arrival(ActivityMessage message, Label label, Source source) {
        Instant announcedAt = label.announcedAtOrNull() != null
                ? label.announcedAtOrNull()
                : ledger.lastValues().nextTime(message.repository(), clock.instant());
        return new Arrival(message, label.idOrNull(), announcedAt, source);
    }
}
