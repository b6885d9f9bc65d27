package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.WatchConfig;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * The effective configuration of one proxy.
 *
 * @param bind address to listen on
 * @param port TCP port, 0 to 65535; 0 picks a free one
 * @param logLevel the lowest level that is logged
 * @param standalone whether to run without a broker, on a journal file
 * @param stateDirOrNull directory of the journal; null means that a restart forgets
 * @param http how it is reached over HTTP
 * @param amqp how to reach RabbitMQ; not used in standalone mode and by a relay
 * @param upstreamOrNull the server that is relayed; null if this is no relay
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
        @Nullable Path stateDirOrNull,
        HttpConfig http,
        AmqpConfig amqp,
        @Nullable UpstreamConfig upstreamOrNull,
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
        return with(upstreamOrNull, delivery, operator, other);
    }

    /** Returns the same as a relay of this server; null for no relay. */
    public ProxyConfig withUpstream(@Nullable UpstreamConfig otherOrNull) {
        return with(otherOrNull, delivery, operator, access);
    }

    /** Returns the same with other rules of delivery. */
    public ProxyConfig withDelivery(DeliveryConfig other) {
        return with(upstreamOrNull, other, operator, access);
    }

    /** Returns the same with other watched replicas. */
    public ProxyConfig withWatch(WatchConfig other) {
        return with(
                upstreamOrNull,
                delivery,
                new OperatorConfig(
                        operator.logFormat(), operator.pageAccess(), operator.badges(), operator.peers(), other),
                access);
    }

    private ProxyConfig with(
            @Nullable UpstreamConfig otherUpstream,
            DeliveryConfig otherDelivery,
            OperatorConfig otherOperator,
            AccessConfig otherAccess) {
        return new ProxyConfig(
                bind,
                port,
                logLevel,
                standalone,
                stateDirOrNull,
                http,
                amqp,
                otherUpstream,
                limits,
                otherDelivery,
                otherOperator,
                otherAccess);
    }

    /**
     * Returns standalone mode with all defaults: on the loopback, in memory.
     *
     * @param port TCP port, 0 to 65535; 0 picks a free one
     */
    public static ProxyConfig standalone(int port) {
        return new ProxyConfig(
                LOOPBACK,
                port,
                Level.INFO,
                true,
                null,
                HttpConfig.defaults(),
                AmqpConfig.defaults(),
                null,
                LimitsConfig.defaults(),
                DeliveryConfig.defaults(),
                OperatorConfig.defaults(),
                AccessConfig.defaults());
    }

    static ProxyConfig from(
            ConfigValues values,
            HttpConfig http,
            AmqpConfig amqp,
            Optional<UpstreamConfig> upstream,
            LimitsConfig limits,
            DeliveryConfig delivery) {
        return new ProxyConfig(
                values.get(ConfigKey.BIND),
                values.get(ConfigKey.PORT),
                values.get(ConfigKey.LOG_LEVEL),
                values.get(ConfigKey.STANDALONE),
                values.get(ConfigKey.STATE_DIR).orElse(null),
                http,
                amqp,
                upstream.orElse(null),
                limits,
                delivery,
                OperatorConfig.from(values),
                AccessConfig.from(values));
    }

    /** Returns the server that is relayed; empty if this is no relay. */
    public Optional<UpstreamConfig> upstream() {
        return Optional.ofNullable(upstreamOrNull);
    }

    /** Returns the directory of the journal; empty means that nothing is kept on disk. */
    public Optional<Path> stateDir() {
        return Optional.ofNullable(stateDirOrNull);
    }
}
