package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import com.rabbitmq.client.Address;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultSaslConfig;
import com.rabbitmq.client.impl.DefaultExceptionHandler;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.transport.DaemonThreads;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.tls.TlsIdentity;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Two connections that are opened and closed together. One publishes and one reads, because a broker that is short of memory or disk stops
 * reading from connections that publish.
 */
final class BrokerConnections implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BrokerConnections.class);
    private static final int ABORT_MILLIS = 2_000;

    private final Connection reading;
    private final Connection publishing;
    private volatile Optional<String> blocked = Optional.empty();

    BrokerConnections(Connection reading, Connection publishing) {
        this.reading = reading;
        this.publishing = publishing;
    }

    /**
     * Opens both; blocks.
     *
     * @param end called with the reason when one of them is closed
     */
    static BrokerConnections open(Connector connector, Consumer<BrokerError> end)
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
        LOG.atWarn().addKeyValue("reason", reason).log("broker takes no messages at the moment; publishes are refused");
    }

    private void unblocked() {
        blocked = Optional.empty();
        LOG.atInfo().log("broker takes messages again");
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

    /**
     * Opens connections to the brokers of the configured list: to one as long as it works, then to the next that accepts one. The client
     * library's recovery is off: the {@link BrokerSupervisor} reconnects, because only it knows what to declare, to bind and to publish
     * again. On the broker thread.
     */
    static final class Connector {

        private static final int CONNECT_MILLIS = 5_000;
        private static final int HANDSHAKE_MILLIS = 10_000;
        private static final int SHUTDOWN_MILLIS = 2_000;

        private final AmqpConfig config;
        /** The next one to connect to comes first. */
        private final List<Address> brokers;

        /**
         * Calls the consumers of all sessions, one at a time. It is not shut down with a session, because the client library still calls
         * consumers when the connection is closed; its thread ends when it is idle.
         */
        private final ThreadPoolExecutor callbacks = new ThreadPoolExecutor(
                1,
                1,
                5,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                DaemonThreads.named("cvmfs-notify-broker-reader"));

        Connector(AmqpConfig config) {
            this.config = config;
            this.brokers = Arrays.stream(config.url().split(","))
                    .map(host -> new Address(host.trim(), config.port()))
                    .collect(Collectors.toCollection(ArrayList::new));
            callbacks.allowCoreThreadTimeOut(true);
        }

        /**
         * Opens a connection; blocks for some seconds at worst for each broker of the list.
         *
         * @param purpose shown in the broker's list of connections
         */
        Connection connect(String purpose) throws IOException, GeneralSecurityException {
            ConnectionFactory factory = factory();
            IOException last = new IOException("no broker is configured");
            for (int i = 0; i < brokers.size(); i++) {
                Address broker = brokers.get(0);
                try {
                    return factory.newConnection(callbacks, List.of(broker), "cvmfs-notify " + purpose);
                } catch (IOException e) {
                    last = e;
                } catch (TimeoutException e) {
                    // It accepts connections and does not answer.
                    last = new IOException("%s does not answer".formatted(broker.getHost()), e);
                }
                moveOn();
            }
            throw last;
        }

        /** Makes the next connection begin with the broker after the last one: that one accepts connections, but does not work. */
        void moveOn() {
            Collections.rotate(brokers, -1);
        }

        private ConnectionFactory factory() throws IOException, GeneralSecurityException {
            ConnectionFactory factory = new ConnectionFactory();
            if (!config.user().isEmpty()) {
                factory.setUsername(config.user());
                factory.setPassword(config.pass().value());
            } else if (config.identity().isPresent()) {
                factory.setSaslConfig(DefaultSaslConfig.EXTERNAL);
            }
            factory.setVirtualHost(config.vhost());
            factory.setAutomaticRecoveryEnabled(false);
            factory.setTopologyRecoveryEnabled(false);
            factory.setExceptionHandler(new CallbackExceptions());
            factory.setConnectionTimeout(CONNECT_MILLIS);
            factory.setHandshakeTimeout(HANDSHAKE_MILLIS);
            factory.setShutdownTimeout(SHUTDOWN_MILLIS);
            factory.setChannelRpcTimeout((int) config.confirmTimeout().toMillis());
            factory.setRequestedHeartbeat((int) config.heartbeat().toSeconds());
            if (config.tls()) {
                factory.useSslProtocol(tls());
                if (config.verifyHostname()) {
                    factory.enableHostnameVerification();
                }
            }
            return factory;
        }

        /** Created for each connection, so that changed files take effect with the next one. */
        private SSLContext tls() throws GeneralSecurityException {
            try {
                return TlsIdentity.clientContext(config.caFile(), config.identity());
            } catch (InvalidInputException e) {
                throw new GeneralSecurityException(e.getMessage());
            }
        }

        /** Names the brokers, for an operator. */
        String describe() {
            return (config.tls() ? "amqps://" : "amqp://") + config.url() + ":" + config.port() + config.vhost();
        }
    }

    /**
     * Logs what the client library reports when a connection fails, which {@link BrokerSupervisor} has logged already; and when one of our
     * callbacks fails, which is a bug and closes the channel, so that the next session starts over.
     */
    private static final class CallbackExceptions extends DefaultExceptionHandler {

        @Override
        protected void log(String message, Throwable failure) {
            if (failure instanceof IOException) {
                LOG.atDebug().addKeyValue("what", message).setCause(failure).log("connection to the broker failed");
            } else {
                LOG.atError()
                        .addKeyValue("what", message)
                        .setCause(failure)
                        .log("message of the broker cannot be processed");
            }
        }
    }
}
