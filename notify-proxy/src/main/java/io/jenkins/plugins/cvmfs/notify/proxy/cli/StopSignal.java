package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes something when the process is told to stop. The JVM then exits with 128 + the signal's number: 143 after SIGTERM, 130
 * after Ctrl-C. If closing takes much too long the process ends without it.
 */
final class StopSignal {

    private static final Logger LOG = LoggerFactory.getLogger(StopSignal.class);
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final int EXIT_CODE = 143;

    private final CountDownLatch never = new CountDownLatch(1);
    private final Thread hook;

    private StopSignal(AutoCloseable resource, Duration limit) {
        this.hook = new Thread(() -> close(resource, limit.plus(GRACE)), "stop");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /**
     * @param resource what to close; its {@code close} may be called by two threads and more than once
     * @param limit how long that should take
     */
    static StopSignal closing(AutoCloseable resource, Duration limit) {
        return new StopSignal(resource, limit);
    }

    /** Waits until the process ends, or the thread is interrupted. */
    void await() throws InterruptedException {
        never.await();
    }

    private static void close(AutoCloseable resource, Duration limit) {
        Thread closing = new Thread(() -> closeNow(resource), "close");
        closing.setDaemon(true);
        closing.start();
        try {
            closing.join(limit.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (closing.isAlive()) {
            LOG.atError().addKeyValue("limit", limit).log("could not close in time");
            Runtime.getRuntime().halt(EXIT_CODE);
        }
    }

    private static void closeNow(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            LOG.atError().setCause(e).log("could not close");
        }
    }

    /** What was to be closed has been closed otherwise; the signal no longer matters. */
    void withdraw() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            LOG.atDebug().setCause(e).log("the process is stopping already");
        }
    }
}
