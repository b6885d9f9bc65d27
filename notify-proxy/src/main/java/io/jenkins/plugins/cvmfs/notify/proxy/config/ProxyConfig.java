package io.jenkins.plugins.cvmfs.notify.proxy.config;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The effective configuration of one proxy.
 *
 * @param bind address to listen on
 * @param port TCP port, 0 to 65535; 0 picks a free one
 * @param logLevel {@code error}, {@code warn}, {@code info}, {@code debug} or {@code trace}
 * @param standalone whether to run without a broker, on a journal file
 * @param stateDirOrNull folder of the journal; null means that a restart forgets
 * @param amqp how to reach RabbitMQ; not used in standalone mode
 * @param limits bounds of what the proxy takes on
 */
public record ProxyConfig(
        String bind,
        int port,
        String logLevel,
        boolean standalone,
        @Nullable Path stateDirOrNull,
        AmqpConfig amqp,
        LimitsConfig limits) {

    /** The original service's port. */
    public static final int DEFAULT_PORT = 4930;

    /** Folder of the journal; empty means that nothing is kept on disk. */
    public Optional<Path> stateDir() {
        return Optional.ofNullable(stateDirOrNull);
    }
}
