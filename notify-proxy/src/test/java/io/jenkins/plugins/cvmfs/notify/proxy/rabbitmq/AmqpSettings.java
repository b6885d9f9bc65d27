package io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig.StreamUse;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Secret;
import java.nio.file.Path;
import java.time.Duration;

/** The part of a configuration that tests vary; the rest is as by default, but for short pauses between attempts to connect. */
public record AmqpSettings(
        String host,
        int port,
        String vhost,
        String user,
        String password,
        String exchange,
        StreamUse stream,
        String streamName,
        Duration confirmTimeout,
        boolean tls,
        Path caFile) {

    private static final AmqpConfig DEFAULTS = AmqpConfig.defaults();

    static AmqpSettings of(String host, int port, String vhost, String user, String password, boolean tls) {
        return new AmqpSettings(
                host,
                port,
                vhost,
                user,
                password,
                DEFAULTS.exchange(),
                StreamUse.AUTO,
                DEFAULTS.streamName(),
                DEFAULTS.confirmTimeout(),
                tls,
                null);
    }

    /** As another user, whose password is the name. */
    public AmqpSettings as(String name) {
        return new AmqpSettings(
                host, port, vhost, name, name, exchange, stream, streamName, confirmTimeout, tls, caFile);
    }

    public AmqpSettings stream(StreamUse use) {
        return new AmqpSettings(
                host, port, vhost, user, password, exchange, use, streamName, confirmTimeout, tls, caFile);
    }

    /** With an exchange and a stream that no other test has. */
    public AmqpSettings names(String suffix) {
        return new AmqpSettings(
                host,
                port,
                vhost,
                user,
                password,
                "repository.activity." + suffix,
                stream,
                "cvmfs-notify." + suffix,
                confirmTimeout,
                tls,
                caFile);
    }

    public AmqpSettings confirmTimeout(Duration limit) {
        return new AmqpSettings(host, port, vhost, user, password, exchange, stream, streamName, limit, tls, caFile);
    }

    /** At another address of the same broker. */
    public AmqpSettings at(String otherHost, int otherPort) {
        return new AmqpSettings(
                otherHost, otherPort, vhost, user, password, exchange, stream, streamName, confirmTimeout, tls, caFile);
    }

    /** With TLS; null trusts the JVM's authorities. */
    public AmqpSettings tls(Path authority) {
        return new AmqpSettings(
                host, port, vhost, user, password, exchange, stream, streamName, confirmTimeout, true, authority);
    }

    public AmqpConfig toConfig() {
        return new AmqpConfig(
                host,
                port,
                vhost,
                exchange,
                user,
                new Secret(password),
                tls,
                caFile,
                DEFAULTS.verifyHostname(),
                stream,
                streamName,
                64L * 1024 * 1024,
                confirmTimeout,
                DEFAULTS.heartbeat(),
                Duration.ofMillis(500));
    }
}
