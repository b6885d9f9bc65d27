package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.transport.DaemonThreads;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** SIGTERM, Ctrl-C and SIGHUP. */
final class ProcessSignals {

    private static final Logger LOG = LoggerFactory.getLogger(ProcessSignals.class);
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final int TERMINATED = 143;

    private ProcessSignals() {}

    /**
     * Closes a resource when the process is stopped. The JVM then exits with 128 + the signal's number: 143 after SIGTERM, 130
     * after Ctrl-C. If closing takes 5 s longer than the limit, the process ends without it.
     *
     * @param resource its {@code close} may be called by two threads and more than once
     */
    static StopHook closeOnStop(AutoCloseable resource, Duration limit) {
        return new StopHook(resource, limit.plus(GRACE));
    }

    /** Closes a resource at the end of the process, unless withdrawn. */
    static final class StopHook {

        private final CountDownLatch never = new CountDownLatch(1);
        private final Thread thread;

        private StopHook(AutoCloseable resource, Duration limit) {
            this.thread = new Thread(() -> close(resource, limit), "stop");
            Runtime.getRuntime().addShutdownHook(thread);
        }

        /** Waits until the process ends, or the thread is interrupted. */
        void await() throws InterruptedException {
            never.await();
        }

        private static void close(AutoCloseable resource, Duration limit) {
            ProgressDisplay.clearTyped();
            Thread closing = DaemonThreads.named("close").newThread(() -> closeNow(resource));
            closing.start();
            try {
                closing.join(limit.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (closing.isAlive()) {
                LOG.atError().addKeyValue("limitSeconds", limit.toSeconds()).log("closing timed out");
                Runtime.getRuntime().halt(TERMINATED);
            }
        }

        private static void closeNow(AutoCloseable resource) {
            try {
                resource.close();
            } catch (Exception e) {
                LOG.atError().setCause(e).log("cannot close");
            }
        }

        /** Removes the hook: the resource has been closed otherwise. */
        void withdraw() {
            try {
                Runtime.getRuntime().removeShutdownHook(thread);
            } catch (IllegalStateException e) {
                LOG.atDebug().setCause(e).log("the process is already stopping");
            }
        }
    }

    /**
     * Runs an action on each SIGHUP, which would end the process otherwise, until the returned executor is shut down. Its thread runs
     * one action at a time; signals during a run cause one more. Java has no public API for signals; common JVMs have {@code
     * sun.misc.Signal}, which is looked up by name because javac warns of it.
     */
    static ExecutorService runOnHangUp(Runnable action) {
        ThreadPoolExecutor thread = new ThreadPoolExecutor(
                0,
                1,
                1,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(1),
                DaemonThreads.named("reload"),
                new ThreadPoolExecutor.DiscardPolicy());
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Runnable onSignal = () -> thread.execute(action);
            MethodHandle run =
                    MethodHandles.lookup().findVirtual(Runnable.class, "run", MethodType.methodType(void.class));
            Object proxy = MethodHandleProxies.asInterfaceInstance(
                    handler, MethodHandles.dropArguments(run.bindTo(onSignal), 0, signal));
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("HUP"), proxy);
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.atWarn().setCause(e).log("this JVM or system has no SIGHUP: restart to reload");
        }
        return thread;
    }
}
