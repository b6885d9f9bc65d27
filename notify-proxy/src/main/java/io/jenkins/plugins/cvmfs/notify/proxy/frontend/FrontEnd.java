package io.jenkins.plugins.cvmfs.notify.proxy.frontend;

import io.jenkins.plugins.cvmfs.notify.proxy.admission.Admission;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LimitsConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * The HTTP server: one listening socket for publishers, subscribers of every generation and the endpoints.
 *
 * <p>Started once and closed once, by whoever puts the proxy together; the log and the fan-out are closed after it.
 */
public final class FrontEnd implements AutoCloseable {

    /**
     * @param bind address to listen on, such as {@code 0.0.0.0}, {@code ::} or {@code localhost}
     * @param port TCP port; 0 picks a free one
     * @param endpoints what else is served on the port, asked in this order
     */
    public FrontEnd(
            String bind,
            int port,
            LimitsConfig limits,
            Admission admission,
            FanOut fanOut,
            List<Endpoint> endpoints,
            MeterRegistry meters) {}

    /**
     * Listens. Returns once connections are accepted.
     *
     * @throws IOException if the address cannot be bound; the message names address, port and reason
     */
    public void start() throws IOException {
        throw new UnsupportedOperationException("follows");
    }

    /** Where it listens, with the real port. Only after {@link #start()}. */
    public InetSocketAddress address() {
        throw new UnsupportedOperationException("follows");
    }

    /**
     * Stops accepting, refuses new publishes with 503, lets pending ones finish, says good-bye to subscribers and closes every
     * connection. Blocks, for little more than the configured drain time at most. Closing twice is fine.
     */
    @Override
    public void close() {}
}
