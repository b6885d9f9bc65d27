package io.jenkins.plugins.cvmfs.notify.client.transport;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes threads that do not keep the process alive, and pools of them. */
public final class DaemonThreads {

    private DaemonThreads() {}

    /** Returns a factory whose threads all have this name. */
    public static ThreadFactory named(String name) {
        return task -> made(task, name);
    }

    /** Returns a factory whose threads are named {@code NAME-1} and so on. */
    public static ThreadFactory numbered(String name) {
        AtomicInteger number = new AtomicInteger();
        return task -> made(task, name + "-" + number.incrementAndGet());
    }

    /**
     * Returns an executor with one thread of this name for tasks and timers. After its shutdown it drops what it is given, whose futures
     * never complete.
     */
    public static ScheduledExecutorService scheduler(String name) {
        ScheduledThreadPoolExecutor thread =
                new ScheduledThreadPoolExecutor(1, named(name), new ThreadPoolExecutor.DiscardPolicy());
        thread.setRemoveOnCancelPolicy(true);
        return thread;
    }

    /**
     * Returns a pool of at most so many threads, which end after 30 s without work.
     *
     * @param queued the number of tasks that may wait for a thread; further ones are rejected
     */
    public static ThreadPoolExecutor pool(int threads, int queued, ThreadFactory factory) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads, threads, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(queued), factory);
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    private static Thread made(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }
}
