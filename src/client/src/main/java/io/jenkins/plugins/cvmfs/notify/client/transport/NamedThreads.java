package io.jenkins.plugins.cvmfs.notify.client.transport;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes daemon threads whose names say whose they are: {@code cvmfs-notify-ROLE-1} and so on. */
final class NamedThreads implements ThreadFactory {

    static final String PREFIX = "cvmfs-notify-";

    private final String role;
    private final AtomicInteger made = new AtomicInteger();

    NamedThreads(String role) {
        this.role = role;
    }

    @Override
    public Thread newThread(Runnable task) {
        Thread thread = new Thread(task, PREFIX + role + "-" + made.incrementAndGet());
        thread.setDaemon(true);
        return thread;
    }
}
