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

    private final List<String> heard = new ArrayList<>();
    private final Queue<Runnable> threads = new ArrayDeque<>();
    private final ProgressQueue outbox = new ProgressQueue(heard::add, threads::add);

    @Test
    void theEndComesAfterAllLines() {
        outbox.tell("one");
        outbox.tell("two");
        outbox.end(() -> heard.add("the end"));

        runThreads();

        assertThat(heard).containsExactly("one", "two", "the end");
    }

    @Test
    void aListenerIsNeverOnTwoThreads() {
        outbox.tell("one");
        outbox.tell("two");

        assertThat(threads).hasSize(1);
    }

    @Test
    void aLineThatComesLaterFindsAThreadAgain() {
        outbox.tell("one");
        runThreads();

        outbox.tell("two");
        runThreads();

        assertThat(heard).containsExactly("one", "two");
    }

    @Test
    void theOldestLinesGiveWayWhenTheListenerIsSlow() {
        for (int i = 0; i < ProgressQueue.CAPACITY + 3; i++) {
            outbox.tell("line " + i);
        }

        runThreads();

        assertThat(heard).hasSize(1 + ProgressQueue.CAPACITY).startsWith("3 lines were left out here", "line 3");
    }

    @Test
    void nothingIsToldAfterItWasDiscarded() {
        outbox.tell("one");

        outbox.discard();
        runThreads();

        assertThat(heard).isEmpty();
    }

    @Test
    void theEndComesAlsoAfterALineThatBreaksTheListener() {
        ProgressQueue broken = new ProgressQueue(
                line -> {
                    throw new NoClassDefFoundError("a listener's class is gone");
                },
                threads::add);
        broken.tell("one");
        broken.end(() -> heard.add("the end"));

        runThreads();

        assertThat(heard).containsExactly("the end");
    }

    @Test
    void theEndCanBeTriedAgainWhenNoThreadCouldBeHad() {
        AtomicBoolean full = new AtomicBoolean(true);
        ProgressQueue unlucky = new ProgressQueue(heard::add, task -> {
            if (full.get()) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            threads.add(task);
        });
        assertThatThrownBy(() -> unlucky.tell("one")).isInstanceOf(OutOfMemoryError.class);
        full.set(false);

        unlucky.end(() -> heard.add("the end"));
        runThreads();

        assertThat(heard).containsExactly("one", "the end");
    }

    private void runThreads() {
        while (!threads.isEmpty()) {
            threads.remove().run();
        }
    }
}
