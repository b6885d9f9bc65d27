package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.event.Level;

/**
 * The effective configuration of one proxy.
 *
 * @param bind address to listen on
 * @param port TCP port, 0 to 65535; 0 picks a free one
 * @param logLevel the lowest level that is logged
 * @param standalone whether to run without a broker, on a journal file
 * @param stateDir directory of the journal; empty means that nothing is kept on disk, so that a restart forgets
 * @param http how it is reached over HTTP
 * @param amqp how to reach RabbitMQ; not used in standalone mode and by a relay
 * @param upstream the server that is relayed; empty if this is no relay
 * @param limits limits of connections, subscriptions, sizes and times
 * @param delivery when announcements are delivered
 * @param operator log format, status page, watched replicas
 * @param access who may publish and subscribe, and how signatures are verified
 */
public record ProxyConfig(
        String bind,
        int port,
        Level logLevel,
        boolean standalone,
        Optional<Path> stateDir,
        HttpConfig http,
        AmqpConfig amqp,
        Optional<UpstreamConfig> upstream,
        LimitsConfig limits,
        DeliveryConfig delivery,
        OperatorConfig operator,
        AccessConfig access) {

    /** The original service's port. */
    public static final int DEFAULT_PORT = 4930;

    /** Where standalone mode listens. */
    static final String LOOPBACK = "127.0.0.1";

    /** @throws InvalidInputException if a value is out of the range that docs/configuration.md gives, naming the key */
    public ProxyConfig {
        ConfigKey.BIND.require(bind);
        ConfigKey.PORT.require(port);
    }

    /** Returns the same with other rights. */
    public ProxyConfig withAccess(AccessConfig other) {
        return with(upstream, other);
    }

    /** Returns the same as a relay of this server; empty for no relay. */
    public ProxyConfig withUpstream(Optional<UpstreamConfig> other) {
        return with(other, access);
    }

    private ProxyConfig with(Optional<UpstreamConfig> otherUpstream, AccessConfig otherAccess) {
        return new ProxyConfig(
                bind,
                port,
                logLevel,
                standalone,
                stateDir,
                http,
                amqp,
                otherUpstream,
                limits,
                delivery,
                operator,
                otherAccess);
    }

    static ProxyConfig from(ConfigValues values, Secret amqpPass, Secret upstreamToken) {
        return new ProxyConfig(
                values.get(ConfigKey.BIND),
                values.get(ConfigKey.PORT),
                values.get(ConfigKey.LOG_LEVEL),
                values.get(ConfigKey.STANDALONE),
                values.get(ConfigKey.STATE_DIR),
                HttpConfig.from(values),
                AmqpConfig.from(values, amqpPass),
                UpstreamConfig.from(values, upstreamToken),
                LimitsConfig.from(values),
                DeliveryConfig.from(values),
                OperatorConfig.from(values),
                AccessConfig.from(values));
    }
}
