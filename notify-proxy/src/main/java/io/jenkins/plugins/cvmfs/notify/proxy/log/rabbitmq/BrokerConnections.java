package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import com.rabbitmq.client.Connection;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Two connections that live and die together. One publishes and one reads, because a broker that is short of memory or disk stops
 * reading from connections that publish.
 */
final class BrokerConnections implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BrokerConnections.class);
    private static final int ABORT_MILLIS = 2_000;

    private final Connection reading;
    private final Connection publishing;
    private volatile Optional<String> blocked = Optional.empty();

    private BrokerConnections(Connection reading, Connection publishing) {
        this.reading = reading;
        this.publishing = publishing;
    }

    /**
     * Opens both; blocks.
     *
     * @param end hears why, when one of them is closed
     */
    static BrokerConnections open(BrokerConnector connector, Consumer<BrokerError> end)
            throws IOException, GeneralSecurityException {
        Connection reading = connector.connect("reading");
        try {
            return new BrokerConnections(reading, connector.connect("publishing")).watched(end);
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            reading.abort(ABORT_MILLIS);
            throw e;
        }
    }

    private BrokerConnections watched(Consumer<BrokerError> end) {
        reading.addShutdownListener(cause -> end.accept(BrokerError.of(cause)));
        publishing.addShutdownListener(cause -> end.accept(BrokerError.of(cause)));
        publishing.addBlockedListener(this::blocked, this::unblocked);
        return this;
    }

    private void blocked(String reason) {
        blocked = Optional.of(reason);
        LOG.atWarn()
                .addKeyValue("reason", reason)
                .log("The broker takes no messages at the moment; publishes are refused");
    }

    private void unblocked() {
        blocked = Optional.empty();
        LOG.atInfo().log("The broker takes messages again");
    }

    Connection reading() {
        return reading;
    }

    Connection publishing() {
        return publishing;
    }

    /** Why the broker takes no messages at the moment; empty if it does. From any thread. */
    Optional<String> blockedBecause() {
        return blocked;
    }

    @Override
    public void close() {
        publishing.abort(ABORT_MILLIS);
        reading.abort(ABORT_MILLIS);
    }
}
