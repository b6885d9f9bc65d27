package io.jenkins.plugins.cvmfs.notify.load.server;

import io.jenkins.plugins.cvmfs.notify.load.process.Usage;
import io.jenkins.plugins.cvmfs.notify.load.wire.Dialect;
import java.io.IOException;
import java.util.Optional;

/** A running server under load. */
public interface Server extends AutoCloseable {

    /** Where it listens. */
    String host();

    int port();

    Dialect dialect();

    /** Where its broker takes what is published, if that is not where it listens itself; else 0. */
    default int amqpPort() {
        return 0;
    }

    /** Whether it wants TLS. */
    default boolean tls() {
        return false;
    }

    /** What the processes behind it have used so far, such as a broker's; empty if there are none. */
    default Optional<Usage> usageBehind() throws IOException {
        return Optional.empty();
    }

    /** What its processes have used so far. */
    Usage usage() throws IOException;

    @Override
    void close();
}
