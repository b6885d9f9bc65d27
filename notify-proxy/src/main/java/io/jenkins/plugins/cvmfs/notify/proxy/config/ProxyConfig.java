package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * The effective configuration of one proxy.
 *
 * @param bind address to listen on
 * @param port TCP port, 0 to 65535; 0 picks a free one
 * @param logLevel from which level on the log is written
 * @param standalone whether to run without a broker, on a journal file
 * @param stateDirOrNull folder of the journal; null means that a restart forgets
 * @param http how it is reached over HTTP
 * @param amqp how to reach RabbitMQ; not used in standalone mode
 * @param limits bounds of what the proxy takes on
 * @param operator what it shows to those who run it
 * @param access who may publish and subscribe, and whose signatures are believed
 */
public record ProxyConfig(
        String bind,
        int port,
        Level logLevel,
        boolean standalone,
        @Nullable Path stateDirOrNull,
        HttpConfig http,
        AmqpConfig amqp,
        LimitsConfig limits,
        OperatorConfig operator,
        AccessConfig access) {

    /** The original service's port. */
    public static final int DEFAULT_PORT = 4930;

    /** Where standalone mode listens unless told otherwise. */
    static final String LOOPBACK = "127.0.0.1";

    /** @throws InvalidInputException if a value is out of the range that docs/configuration.md gives, naming the key */
    public ProxyConfig {
        ConfigKeys.BIND.require(bind);
        ConfigKeys.PORT.require(port);
    }

    /** With the default rights. */
    public ProxyConfig(
            String bind,
            int port,
            Level logLevel,
            boolean standalone,
            @Nullable Path stateDirOrNull,
            HttpConfig http,
            AmqpConfig amqp,
            LimitsConfig limits,
            OperatorConfig operator) {
        this(bind, port, logLevel, standalone, stateDirOrNull, http, amqp, limits, operator, AccessConfig.defaults());
    }

    /** The same with other rights. */
    public ProxyConfig withAccess(AccessConfig other) {
        return new ProxyConfig(bind, port, logLevel, standalone, stateDirOrNull, http, amqp, limits, operator, other);
    }

    /**
     * Standalone mode with all defaults: on the loopback, in memory.
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
                LimitsConfig.defaults(),
                OperatorConfig.defaults());
    }

    static ProxyConfig from(Layers layers, HttpConfig http, AmqpConfig amqp, LimitsConfig limits) {
        return new ProxyConfig(
                layers.get(ConfigKeys.BIND),
                layers.get(ConfigKeys.PORT),
                layers.get(ConfigKeys.LOG_LEVEL),
                layers.get(ConfigKeys.STANDALONE),
                layers.get(ConfigKeys.STATE_DIR).orElse(null),
                http,
                amqp,
                limits,
                OperatorConfig.from(layers),
                AccessConfig.from(layers));
    }

    /** Folder of the journal; empty means that nothing is kept on disk. */
    public Optional<Path> stateDir() {
        return Optional.ofNullable(stateDirOrNull);
    }
}
