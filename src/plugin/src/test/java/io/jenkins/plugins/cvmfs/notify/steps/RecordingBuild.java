package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.steps.BuildHandle.Ending;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A build that remembers what a step did to it. */
final class RecordingBuild implements BuildHandle {

    final List<String> log = new CopyOnWriteArrayList<>();
    final List<Ending> endings = new CopyOnWriteArrayList<>();
    final List<PublishedRevision> announced = new CopyOnWriteArrayList<>();
    final Queue<Runnable> later = new ConcurrentLinkedQueue<>();
    final AtomicInteger saves = new AtomicInteger();

    /** Thrown instead of logging; null if the log can be written. */
    volatile @Nullable RuntimeException logProblem;

    /** Runs with each line. */
    volatile Runnable whenLogging = () -> {};

    @Override
    public void log(String line) {
        whenLogging.run();
        RuntimeException problem = logProblem;
        if (problem != null) {
            throw problem;
        }
        log.add(line);
    }

    @Override
    public void later(Duration pause, Runnable task) {
        later.add(task);
    }

    /** Lets the time pass until the oldest task that waits for it is due. */
    void nextTask() {
        later.remove().run();
    }

    @Override
    public void save() {
        saves.incrementAndGet();
    }

    @Override
    public void announced(PublishedRevision revision) {
        announced.add(revision);
    }

    @Override
    public void end(Ending ending) {
        endings.add(ending);
    }

    /** The reason of the only ending, which must be a failure. */
    String failure() {
        if (endings.size() == 1 && endings.get(0) instanceof Ending.Failure failure) {
            return failure.reason();
        }
        throw new AssertionError("expected one failure: " + endings);
    }
}
