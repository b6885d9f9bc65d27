package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import com.rabbitmq.client.Address;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultSaslConfig;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.tls.TlsIdentity;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;

/**
 * Opens connections to the brokers of the configured list: to one as long as it works, then to the next that accepts one. The client library's own recovery is off: the
 * {@link BrokerSupervisor} does it, because only it knows what to declare, to bind and to publish again. Used by the link's thread.
 */
final class BrokerConnector {

    private static final int CONNECT_MILLIS = 5_000;
    private static final int HANDSHAKE_MILLIS = 10_000;
    private static final int SHUTDOWN_MILLIS = 2_000;

    private final AmqpConfig config;
    private final List<Address> brokers;
    private int first;

    /**
     * Calls consumers, those of all sessions, one at a time. It cannot be shut down with a session, because the client library
     * still has something to say to consumers when the connection is closed; its thread ends by itself when idle.
     */
    private final ThreadPoolExecutor callbacks =
            new ThreadPoolExecutor(1, 1, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), BrokerConnector::reader);

    BrokerConnector(AmqpConfig config) {
        this.config = config;
        this.brokers = Arrays.stream(config.url().split(","))
                .map(host -> new Address(host.trim(), config.port()))
                .toList();
        callbacks.allowCoreThreadTimeOut(true);
    }

    private static Thread reader(Runnable task) {
        Thread thread = new Thread(task, "cvmfs-notify-broker-reader");
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Opens a connection; blocks for some seconds at worst for each broker of the list.
     *
     * @param purpose stands in the broker's list of connections
     */
    Connection connect(String purpose) throws IOException, GeneralSecurityException {
        ConnectionFactory factory = factory();
        int begin = first;
        IOException last = new IOException("no broker is configured");
        for (int i = 0; i < brokers.size(); i++) {
            int index = (begin + i) % brokers.size();
            try {
                Connection connection =
                        factory.newConnection(callbacks, List.of(brokers.get(index)), "cvmfs-notify " + purpose);
                first = index;
                return connection;
            } catch (IOException e) {
                last = e;
            } catch (TimeoutException e) {
                // It accepts connections and says nothing.
                last = new IOException(
                        "%s does not answer".formatted(brokers.get(index).getHost()), e);
            }
        }
        throw last;
    }

    /** Next time begins with the broker behind the one that was connected to last: that one accepts connections, but does not work. */
    void moveOn() {
        first = (first + 1) % brokers.size();
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
        factory.setExceptionHandler(new BrokerExceptions());
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

    /** Made anew for each connection, so that changed files count from the next one on. */
    private SSLContext tls() throws GeneralSecurityException {
        try {
            return TlsIdentity.clientContext(config.caFile(), config.identity());
        } catch (InvalidInputException e) {
            throw new GeneralSecurityException(e.getMessage());
        }
    }

    /** Which brokers, for an operator. */
    String describe() {
        return (config.tls() ? "amqps://" : "amqp://") + config.url() + ":" + config.port() + config.vhost();
    }
}
