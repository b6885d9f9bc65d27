package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishService;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the front end ends its connections, once it listens no more: publishes first, then what is on its way to subscribers, then
 * the subscribers. All of it within one time limit, after which what is left is closed as it is.
 */
final class Drain {

    private static final Logger LOG = LoggerFactory.getLogger(Drain.class);

    private final PublishService admission;
    private final FanOut fanOut;
    private final ConnectionLimits connections;
    private final Duration limit;

    Drain(PublishService admission, FanOut fanOut, ConnectionLimits connections, Duration limit) {
        this.admission = admission;
        this.fanOut = fanOut;
        this.connections = connections;
        this.limit = limit;
    }

    /** Blocks until no connection is open. */
    void run() {
        long deadlineNanos = System.nanoTime() + limit.toNanos();
        await(admission.drain(), deadlineNanos, "publishes are still unconfirmed");
        await(fanOut.settled(), deadlineNanos, "announcements are still unsent");
        connections.refuseAll();
        connections.sayFarewell();
        await(connections.closed(), deadlineNanos, "connections are still open");
        connections.closeAll();
    }

    private static void await(CompletableFuture<Void> step, long deadlineNanos, String otherwise) {
        try {
            step.get(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            LOG.atWarn().addKeyValue("what", otherwise).log("shutting down although not all is done");
        } catch (ExecutionException e) {
            LOG.atWarn().setCause(e).log("shutting down although not all is done");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
