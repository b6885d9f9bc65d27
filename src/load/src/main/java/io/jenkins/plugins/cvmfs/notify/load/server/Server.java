package io.jenkins.plugins.cvmfs.notify.load.server;

import io.jenkins.plugins.cvmfs.notify.load.generator.Dialect;
import java.io.IOException;
import java.util.Optional;

/**
 * A running server under load, a child process on the loopback interface.
 *
 * @param port TCP port
 * @param broker the RabbitMQ node behind it, ended with it
 */
public record Server(ChildProcess process, int port, Dialect dialect, Optional<RabbitMqNode> broker)
        implements AutoCloseable {

    /** The address of every server. */
    public static final String HOST = "127.0.0.1";

    /** A server that can be started. */
    public interface Kind {

        /** The name in the tables. */
        String title();

        /** The place in which a message is stored when its publish is answered with success: {@code none}, {@code memory}, {@code fsync}, … */
        String durability();

        /** Starts a fresh server; returns once it accepts connections. */
        Server start() throws IOException;
    }

    static Server alone(ChildProcess process, int port, Dialect dialect) {
        return new Server(process, port, dialect, Optional.empty());
    }

    public Usage usage() throws IOException {
        return Usage.of(process.processes());
    }

    @Override
    public void close() {
        process.close();
        broker.ifPresent(RabbitMqNode::close);
    }
}
