package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import org.jspecify.annotations.Nullable;

/** A network that is made when it is first used, for a service that may never need it. Thread-safe; only {@link #close()} blocks. */
public final class LazyNetwork implements AutoCloseable {

    private final Network.Builder settings;
    private @Nullable Network network;
    private boolean isClosed;

    /** @param settings not to be changed afterwards */
    public LazyNetwork(Network.Builder settings) {
        this.settings = settings;
    }

    /**
     * Returns the network, always the same one.
     *
     * @throws TransientFailureException after {@link #close()}
     */
    public synchronized Network get() {
        if (isClosed) {
            throw new TransientFailureException("the network is closed");
        }
        if (network == null) {
            network = settings.build();
        }
        return network;
    }

    /** Closes the network, if there is one. Idempotent. */
    @Override
    public void close() {
        Network open;
        synchronized (this) {
            isClosed = true;
            open = network;
        }
        if (open != null) {
            open.close();
        }
    }
}
