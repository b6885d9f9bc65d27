package io.jenkins.plugins.cvmfs.notify.load.server;

import io.jenkins.plugins.cvmfs.notify.load.process.Usage;
import io.jenkins.plugins.cvmfs.notify.load.wire.Dialect;
import java.io.IOException;

/** A running server under load. */
public interface Server extends AutoCloseable {

    /** Where it listens. */
    String host();

    int port();

    Dialect dialect();

    /** What its processes have used so far. */
    Usage usage() throws IOException;

    @Override
    void close();
}
