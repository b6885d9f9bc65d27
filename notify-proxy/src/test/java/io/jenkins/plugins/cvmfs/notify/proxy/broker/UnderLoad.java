package io.jenkins.plugins.cvmfs.notify.proxy.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Publishers that go on and on, one for each repository as in real life, each with the next revision when the one before has been
 * answered, with success or not.
 */
final class UnderLoad implements AutoCloseable {

    /** The highest revision of each repository that was answered with success. */
    private final Map<String, Integer> accepted = new ConcurrentHashMap<>();

    private final AtomicInteger successes = new AtomicInteger();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopped;

    UnderLoad publish(String repository, LogUnderTest log) {
        Thread thread = new Thread(() -> run(repository, log), "publisher of " + repository);
        threads.add(thread);
        thread.start();
        return this;
    }

    private void run(String repository, LogUnderTest log) {
        for (int revision = 1; !stopped; revision++) {
            try {
                log.append(repository, revision).join();
                accepted.put(repository, revision);
                successes.incrementAndGet();
            } catch (CompletionException refused) {
                // As a real publisher: it goes on with the next.
            }
        }
    }

    /** Waits until so many more have been answered with success. */
    void awaitSuccesses(int more) {
        int target = successes.get() + more;
        LogUnderTest.await().until(() -> successes.get() >= target);
    }

    Map<String, Integer> accepted() {
        return accepted;
    }

    @Override
    public void close() {
        stopped = true;
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
