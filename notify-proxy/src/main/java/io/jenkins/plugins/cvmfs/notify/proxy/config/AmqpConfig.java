package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How to reach RabbitMQ. The first six components are the original service's.
 *
 * @param url the broker's host name or address ({@code amqp.url}); several, separated by commas, are tried in turn
 * @param port TCP port, 1 to 65535
 * @param vhost virtual host, such as {@code /cvmfs}
 * @param exchange the direct, durable exchange, such as {@code repository.activity}
 * @param user user name; empty means {@code guest} as in the original
 * @param pass password
 * @param tls whether to use TLS (amqps)
 * @param caFile PEM file with the authorities that may sign the broker's certificate; empty means the JVM's
 * @param identity certificate and key that prove the proxy's identity to the broker; empty means that it asks for a password only
 * @param verifyHostname whether the broker's certificate must name the host
 * @param stream whether to keep the log in a RabbitMQ stream
 * @param streamName the stream's queue name
 * @param streamMaxBytes how much the stream keeps, in bytes
 * @param confirmTimeout how long a publish waits for the broker's confirm
 * @param heartbeat AMQP heartbeat
 * @param maxReconnectDelay the longest pause between two attempts to connect
 */
public record AmqpConfig(
        String url,
        int port,
        String vhost,
        String exchange,
        String user,
        Secret pass,
        boolean tls,
        Optional<Path> caFile,
        Optional<KeyPairFiles> identity,
        boolean verifyHostname,
        StreamUse stream,
        String streamName,
        long streamMaxBytes,
        Duration confirmTimeout,
        Duration heartbeat,
        Duration maxReconnectDelay) {

    /** The use of a RabbitMQ stream as log. */
    public enum StreamUse {
        /** If the user has the rights for it; else server-named queues. The log says at start which. */
        AUTO,
        /** Always: without the rights the proxy does not become ready, and says why. */
        REQUIRED,
        /** Never. */
        OFF
    }

    /** @throws InvalidInputException if a value is out of the range that docs/configuration.md gives, naming the key */
    public AmqpConfig {
        ConfigKey.AMQP_URL.require(url);
        ConfigKey.AMQP_PORT.require(port);
        ConfigKey.AMQP_VHOST.require(vhost);
        ConfigKey.AMQP_EXCHANGE.require(exchange);
        ConfigKey.AMQP_USER.require(user);
        ConfigKey.AMQP_STREAM_NAME.require(streamName);
        ConfigKey.AMQP_STREAM_MAX_BYTES.require(streamMaxBytes);
        ConfigKey.AMQP_CONFIRM_TIMEOUT.require(confirmTimeout);
        ConfigKey.AMQP_HEARTBEAT.require(heartbeat);
        ConfigKey.AMQP_MAX_RECONNECT_DELAY.require(maxReconnectDelay);
    }

    static AmqpConfig from(ConfigValues values, Secret pass) {
        return new AmqpConfig(
                values.get(ConfigKey.AMQP_URL),
                values.get(ConfigKey.AMQP_PORT),
                values.get(ConfigKey.AMQP_VHOST),
                values.get(ConfigKey.AMQP_EXCHANGE),
                values.get(ConfigKey.AMQP_USER),
                pass,
                values.get(ConfigKey.AMQP_TLS),
                values.get(ConfigKey.AMQP_CA_FILE),
                KeyPairFiles.from(values, ConfigKey.AMQP_CERT_FILE, ConfigKey.AMQP_KEY_FILE),
                values.get(ConfigKey.AMQP_VERIFY_HOSTNAME),
                values.get(ConfigKey.AMQP_STREAM),
                values.get(ConfigKey.AMQP_STREAM_NAME),
                values.get(ConfigKey.AMQP_STREAM_MAX_BYTES),
                values.get(ConfigKey.AMQP_CONFIRM_TIMEOUT),
                values.get(ConfigKey.AMQP_HEARTBEAT),
                values.get(ConfigKey.AMQP_MAX_RECONNECT_DELAY));
    }
}
