package io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq;

import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/**
 * A RabbitMQ of the tests' own. It has the vhost {@code /cvmfs} with the users {@link #ADMIN}, with all rights, and {@link #WORKER},
 * with those of the original service's worker; each one's password is its name.
 */
public interface OwnedBroker extends Broker {

    /** A user with all rights. */
    String ADMIN = "admin";

    /** A user with the rights that the original service's installation gives. */
    String WORKER = "worker";

    /** What the worker may configure and write. */
    String WORKER_NAMES = "^(amq\\.gen.*|repository\\.activity)$";

    /** How long a start may take on a slow machine. */
    Duration LONGEST_START = Duration.ofMinutes(2);

    /** Ends it as a crash does; nothing is flushed. */
    void kill();

    /** Stops it in the middle of whatever it does, without closing anything, until {@link #thaw}. */
    void freeze();

    /** Lets it go on. */
    void thaw();

    /** Starts it again with the same ports and data, and waits until it accepts connections. Does nothing if it runs. */
    void start();

    /** Runs {@code rabbitmqctl}; fails if that does. */
    void ctl(String... arguments);

    /** TCP port of its listener with TLS; the certificate is of {@code localhost}. */
    int tlsPort();

    /** PEM file with the authority that signed its certificate. */
    Path authority();

    /** Whether a user can log in now. */
    default boolean acceptsConnections() {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost(amqp().host());
        factory.setPort(amqp().port());
        factory.setVirtualHost(amqp().vhost());
        factory.setUsername(amqp().user());
        factory.setPassword(amqp().password());
        factory.setAutomaticRecoveryEnabled(false);
        try {
            factory.newConnection().abort();
            return true;
        } catch (IOException | TimeoutException notYet) {
            return false;
        }
    }

    /** Ends it for good. */
    void stop();
}
