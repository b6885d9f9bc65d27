package io.jenkins.plugins.cvmfs.notify.connection;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A few threads on which steps may block: they read credentials, files of builds, workspaces. Idle ones go away. */
final class BuildThreads implements Executor, AutoCloseable {

    private static final int THREADS = 8;
    /** As many steps as may begin at one moment; Jenkins resumes all of them at once. Beyond that a step fails. */
    private static final int WAITING_TASKS = 100_000;

    private final String role;
    private final AtomicInteger made = new AtomicInteger();
    private final ThreadPoolExecutor pool = new ThreadPoolExecutor(
            THREADS, THREADS, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(WAITING_TASKS), this::thread);

    /** @param role a word for the threads' names */
    BuildThreads(String role) {
        this.role = role;
        pool.allowCoreThreadTimeOut(true);
    }

    private Thread thread(Runnable task) {
        Thread thread = new Thread(task, "cvmfs-notify-%s-%d".formatted(role, made.incrementAndGet()));
        thread.setDaemon(true);
        return thread;
    }

    /** @throws java.util.concurrent.RejectedExecutionException if too many tasks wait, or after the end */
    @Override
    public void execute(Runnable task) {
        pool.execute(task);
    }

    /** Interrupts what runs and forgets what waits. Twice is fine. */
    @Override
    public void close() {
        pool.shutdownNow();
    }
}
