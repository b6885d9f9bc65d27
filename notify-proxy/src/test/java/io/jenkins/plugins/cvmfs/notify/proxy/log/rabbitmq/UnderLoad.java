package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntPredicate;

/**
 * Publishers that go on and on, one for each repository as in real life, each with the next revision when the one before has been
 * answered, with success or not.
 */
final class UnderLoad implements AutoCloseable {

    private static final long PAUSE_NANOS = 5_000_000;

    /** The highest revision of each repository that was answered with success. */
    private final Map<String, Integer> accepted = new ConcurrentHashMap<>();

    private final AtomicInteger successes = new AtomicInteger();
    private final AtomicInteger refusals = new AtomicInteger();
    private final AtomicLong longestNanos = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopped;

    /** @param publish publishes a revision and says whether it was answered with success */
    UnderLoad publish(String repository, IntPredicate publish) {
        Thread thread = new Thread(() -> run(repository, publish), "publisher of " + repository);
        threads.add(thread);
        thread.start();
        return this;
    }

    private void run(String repository, IntPredicate publish) {
        for (int revision = 1; !stopped; revision++) {
            // One that is refused goes on with the next, as a real publisher does.
            long before = System.nanoTime();
            if (publish.test(revision)) {
                longestNanos.accumulateAndGet(System.nanoTime() - before, Math::max);
                accepted.put(repository, revision);
                successes.incrementAndGet();
            } else {
                refusals.incrementAndGet();
                // A real one waits longer; without any pause the refusals alone would keep the machine busy.
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    /** Waits until so many more have been answered with success. */
    void awaitSuccesses(int more) {
        int target = successes.get() + more;
        LogUnderTest.await().until(() -> successes.get() >= target);
    }

    /** Waits until so many more have been answered, with success or not. */
    void awaitAnswers(int more) {
        int target = successes.get() + refusals.get() + more;
        LogUnderTest.await().until(() -> successes.get() + refusals.get() >= target);
    }

    /** What came of it so far, for a reader. */
    String summary() {
        return "%d answered with success, the slowest after %d ms; %d refused"
                .formatted(successes.get(), TimeUnit.NANOSECONDS.toMillis(longestNanos.get()), refusals.get());
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
