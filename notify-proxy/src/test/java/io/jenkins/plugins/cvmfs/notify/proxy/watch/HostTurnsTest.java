package io.jenkins.plugins.cvmfs.notify.proxy.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HostTurnsTest {

    private final Queue<Runnable> thread = new ArrayDeque<>();
    private final HostTurns<Visit> turns = new HostTurns<>(2, 5, thread::add);
    private final List<String> begun = new ArrayList<>();
    private final List<String> ended = new ArrayList<>();

    @Test
    void fewTasksOfAHostAndFewOfAllHostsAreUnderWay() {
        for (int i = 1; i <= 3; i++) {
            for (String host : List.of("a", "b", "c")) {
                turns.add(new Visit(host, host + i, false));
            }
        }

        assertThat(begun).containsExactly("a1", "b1", "c1", "a2", "b2");
        assertThat(turns.waiting()).isEqualTo(4);
    }

    @Test
    void hostsTakeTurns() {
        Visit a1 = added("a", "a1", false);
        List.of("a2", "a3", "a4").forEach(name -> added("a", name, false));
        List.of("b1", "b2", "b3").forEach(name -> added("b", name, false));
        added("c", "c1", false);
        added("c", "c2", false);

        a1.end();

        assertThat(begun).containsExactly("a1", "a2", "b1", "b2", "c1", "c2");
        assertThat(turns.waiting()).isEqualTo(3);
    }

    @Test
    void urgentTasksBeginFirstAndAlsoAtAHostThatIsLeftAlone() {
        Visit first = added("a", "first", false);
        Visit second = added("a", "second", false);
        Visit third = added("a", "third", false);
        added("a", "fourth", true);
        assertThat(turns.pause("a")).isTrue();
        assertThat(turns.pause("a")).isFalse();

        first.end();
        assertThat(begun).containsExactly("first", "second", "fourth");
        second.end();
        assertThat(begun).hasSize(3);
        third.isUrgent = true;
        turns.promote(third);
        assertThat(begun).endsWith("third");
        added("a", "fifth", false);
        third.end();
        assertThat(begun).doesNotContain("fifth");
        turns.resume("a");

        assertThat(begun).endsWith("fifth");
    }

    @Test
    void whatIsTakenBackDoesNotBegin() {
        Visit first = added("a", "first", false);
        added("a", "second", false);
        Visit third = added("a", "third", false);
        Visit fourth = added("a", "fourth", true);

        assertThat(turns.remove(third)).isTrue();
        assertThat(turns.remove(third)).isFalse();
        assertThat(turns.removeUrgent("a")).containsExactly(fourth);
        first.end();

        assertThat(begun).containsExactly("first", "second");
        assertThat(turns.waiting()).isZero();
    }

    @Test
    void aTaskThatCannotBeginHasFailedAndGivesItsTurnToTheNext() {
        Visit first = new Visit("a", "first", false);
        first.result = null;
        turns.add(first);
        added("a", "second", false);
        added("a", "third", false);
        runThread();

        assertThat(ended).containsExactly("first cannot begin");
        assertThat(begun).containsExactly("second", "third");
    }

    @Test
    void aTaskThatCannotTakeItsResultGivesItsTurnToTheNext() {
        Visit first = added("a", "first", false);
        added("a", "second", false);
        added("a", "third", false);
        first.refusesResult = true;

        first.end();

        assertThat(begun).containsExactly("first", "second", "third");
    }

    private Visit added(String host, String name, boolean isUrgent) {
        Visit visit = new Visit(host, name, isUrgent);
        turns.add(visit);
        return visit;
    }

    /** Runs what waits, as an executor does: a task that throws stops no other. */
    private void runThread() {
        while (!thread.isEmpty()) {
            var unused = CompletableFuture.runAsync(thread.remove(), Runnable::run);
        }
    }

    private final class Visit implements HostTurns.Task<String> {

        private final String host;
        private final String name;
        private boolean isUrgent;
        private boolean refusesResult;
        private @Nullable CompletableFuture<String> result = new CompletableFuture<>();

        Visit(String host, String name, boolean isUrgent) {
            this.host = host;
            this.name = name;
            this.isUrgent = isUrgent;
        }

        void end() {
            result.complete("done");
            runThread();
        }

        @Override
        public Object host() {
            return host;
        }

        @Override
        public boolean isUrgent() {
            return isUrgent;
        }

        @Override
        public CompletableFuture<String> begin() {
            if (result == null) {
                throw new IllegalStateException(name + " cannot begin");
            }
            begun.add(name);
            return result;
        }

        @Override
        public void ended(@Nullable String done, @Nullable Throwable failure) {
            ended.add(failure == null ? name + " " + done : failure.getMessage());
            if (refusesResult) {
                throw new IllegalStateException(name + " refuses its result");
            }
        }
    }
}
