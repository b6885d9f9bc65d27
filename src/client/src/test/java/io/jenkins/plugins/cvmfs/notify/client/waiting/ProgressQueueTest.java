package io.jenkins.plugins.cvmfs.notify.client.waiting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ProgressQueueTest {

    private final List<String> lines = new ArrayList<>();
    private final Queue<Runnable> threads = new ArrayDeque<>();
    private final ProgressQueue queue = new ProgressQueue(lines::add, threads::add);

    @Test
    void theEndComesAfterAllLines() {
        queue.add("one");
        queue.add("two");
        queue.end(() -> lines.add("the end"));

        runThreads();

        assertThat(lines).containsExactly("one", "two", "the end");
    }

    @Test
    void aListenerIsNeverOnTwoThreads() {
        queue.add("one");
        queue.add("two");

        assertThat(threads).hasSize(1);
    }

    @Test
    void aLineThatComesLaterFindsAThreadAgain() {
        queue.add("one");
        runThreads();

        queue.add("two");
        runThreads();

        assertThat(lines).containsExactly("one", "two");
    }

    @Test
    void theOldestLinesGiveWayWhenTheListenerIsSlow() {
        for (int i = 0; i < ProgressQueue.CAPACITY + 3; i++) {
            queue.add("line " + i);
        }

        runThreads();

        assertThat(lines).hasSize(1 + ProgressQueue.CAPACITY).startsWith("3 lines were dropped here", "line 3");
    }

    @Test
    void nothingIsReportedAfterItWasDiscarded() {
        queue.add("one");

        queue.discard();
        runThreads();

        assertThat(lines).isEmpty();
    }

    @Test
    void theEndComesAlsoAfterALineThatBreaksTheListener() {
        ProgressQueue broken = new ProgressQueue(
                line -> {
                    throw new NoClassDefFoundError("a listener's class is gone");
                },
                threads::add);
        broken.add("one");
        broken.end(() -> lines.add("the end"));

        runThreads();

        assertThat(lines).containsExactly("the end");
    }

    @Test
    void theEndCanBeTriedAgainWhenNoThreadCouldBeHad() {
        AtomicBoolean full = new AtomicBoolean(true);
        ProgressQueue unlucky = new ProgressQueue(lines::add, task -> {
            if (full.get()) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            threads.add(task);
        });
        assertThatThrownBy(() -> unlucky.add("one")).isInstanceOf(OutOfMemoryError.class);
        full.set(false);

        unlucky.end(() -> lines.add("the end"));
        runThreads();

        assertThat(lines).containsExactly("one", "the end");
    }

    private void runThreads() {
        while (!threads.isEmpty()) {
            threads.remove().run();
        }
    }
}
