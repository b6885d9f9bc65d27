package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells operators about the broker: one line for each change, not for each attempt. On the link's thread. */
final class BrokerReport {

    private static final Logger LOG = LoggerFactory.getLogger(BrokerReport.class);

    private final String broker;
    private final BrokerMetrics meters;
    private Optional<BrokerError.Kind> trouble = Optional.empty();
    private Optional<String> streamRefusal = Optional.empty();

    /** @param broker which one, without credentials */
    BrokerReport(String broker, BrokerMetrics meters) {
        this.broker = broker;
        this.meters = meters;
    }

    void connected(String kind) {
        LOG.atInfo().addKeyValue("broker", broker).addKeyValue("log", kind).log("Connected to the broker");
        trouble = Optional.empty();
        meters.sessionOpened();
    }

    /** The session has ended, or none could be opened. */
    void disconnected(BrokerError why, Duration pause) {
        boolean isNew = !trouble.equals(Optional.of(why.kind()));
        trouble = Optional.of(why.kind());
        (isNew ? LOG.atWarn() : LOG.atDebug())
                .addKeyValue("broker", broker)
                .addKeyValue("reason", why)
                .addKeyValue("nextAttemptIn", pause)
                .log("Not connected to the broker; trying until it works");
    }

    void streamUsed() {
        if (streamRefusal.isPresent()) {
            LOG.atInfo().addKeyValue("broker", broker).log("The stream can be used from now on");
        }
        streamRefusal = Optional.empty();
    }

    /** The configuration leaves the choice, and the user has not got the rights. */
    void streamRefused(BrokerError why) {
        if (streamRefusal.filter(why.sentence()::equals).isEmpty()) {
            LOG.atWarn()
                    .addKeyValue("broker", broker)
                    .addKeyValue("reason", why)
                    .log("No stream: last values are kept by the proxies themselves, in their journals");
        }
        streamRefusal = Optional.of(why.sentence());
    }
}
