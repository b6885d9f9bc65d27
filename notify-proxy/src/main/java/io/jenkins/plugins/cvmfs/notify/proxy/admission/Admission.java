package io.jenkins.plugins.cvmfs.notify.proxy.admission;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.CompletableFuture;

/** Decides what enters the log. All methods may be called from any thread and never block. */
public final class Admission {

    /**
     * @param log where accepted messages go; started and closed by whoever puts the proxy together
     * @param maxPending publishes that may wait for the log's confirm at a time
     */
    public Admission(ActivityLog log, FanOut fanOut, int maxPending, MeterRegistry meters) {}

    /**
     * Takes on the body of a publish. The future always completes normally, with how it ended.
     *
     * @param body the message as it came; kept, so the caller must not change it afterwards
     */
    public CompletableFuture<PublishOutcome> submit(byte[] body) {
        throw new UnsupportedOperationException("follows");
    }

    /** Makes sure that announcements of this repository reach the fan-out, whoever publishes them. */
    public void follow(RepositoryName repository) {
        throw new UnsupportedOperationException("follows");
    }

    /** Refuses publishes from now on. The future completes when none is pending any more. */
    public CompletableFuture<Void> drain() {
        throw new UnsupportedOperationException("follows");
    }

    /** Whether {@link #drain()} was called. */
    public boolean isDraining() {
        return false;
    }
}
