package io.jenkins.plugins.cvmfs.notify.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.page.StepRecord.State;
import io.jenkins.plugins.cvmfs.notify.page.TransactionRecord;
import io.jenkins.plugins.cvmfs.notify.steps.BuildHandle.Ending;
import io.jenkins.plugins.cvmfs.notify.steps.TransactionState.Exit;
import io.jenkins.plugins.cvmfs.notify.steps.TransactionState.Phase;
import java.lang.reflect.Field;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which command runs when, and how the step ends. */
final class TransactionRunTest {

    private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");
    private final Exception aborted = new InterruptedException("aborted by alice");
    private static final String COMMAND = "run there: cvmfs_server abort -f sw.example.org";

    private static final String UNANNOUNCED =
            "sw.example.org is published, but its announcement was stopped; announce it with cvmfsPublishNotify";

    private final ScriptedResources resources = new ScriptedResources();
    private final ExecutorService threads = Executors.newSingleThreadExecutor();
    private final RecordingBuild build = new RecordingBuild();
    private final SteppingClock clock = new SteppingClock();
    private final ScriptedAgent agent = new ScriptedAgent();
    private final TransactionState state = step().prepare(Samples.sites(), NOW, "publisher-1");
    private final TransactionRun run = new TransactionRun(state, build, agent, threads, clock);

    private static CvmfsTransactionStep step() {
        return new CvmfsTransactionStep("sw.example.org");
    }

    @AfterEach
    void close() {
        resources.close();
        threads.shutdownNow();
    }

    private void awaitBody() {
        await().until(() -> agent.bodies.get() > 0);
    }

    private String failure() {
        await().until(() -> !build.endings.isEmpty());
        return build.failure();
    }

    private Throwable cause() {
        await().until(() -> !agent.causes.isEmpty());
        return agent.causes.get(0);
    }

    @Test
    void aBodyThatFailsAbortsTheTransactionAndEndsTheStepWithItsOwnFailure() {
        // Given
        agent.exits.addAll(List.of(0, 0));
        IllegalStateException failure = new IllegalStateException("make failed");
        run.begin();
        awaitBody();

        // When
        run.bodyEnded(failure);

        // Then
        assertThat(cause()).isSameAs(failure);
        assertThat(agent.commands).containsExactly("opening-0", "aborting-0");
        assertThat(build.log).containsExactly("the transaction of sw.example.org is aborted");
    }

    @Test
    void aPublishThatFailsAbortsTheTransaction() {
        // Given
        agent.exits.addAll(List.of(0, 3, 0));
        run.begin();
        awaitBody();

        // When
        run.bodyEnded(null);

        // Then
        assertThat(failure()).isEqualTo("cvmfs_server publish sw.example.org failed with exit status 3");
        assertThat(agent.commands).containsExactly("opening-0", "publishing-0", "aborting-0");
    }

    @Test
    void aTransactionThatCannotBeOpenedIsNotAborted() {
        // Given
        agent.exits.add(1);

        // When
        run.begin();

        // Then
        assertThat(failure()).isEqualTo("cvmfs_server transaction sw.example.org failed with exit status 1");
        assertThat(agent.commands).containsExactly("opening-0");
    }

    @Test
    void aBusyLeaseIsTriedAgainUntilItIsFree() {
        // Given
        clock.stepSeconds = 20;
        agent.exits.addAll(List.of(Exit.BUSY, Exit.OPEN_ALREADY, 0));

        // When
        run.begin();
        awaitBody();

        // Then
        assertThat(agent.commands).containsExactly("opening-0", "opening-1", "opening-2");
        assertThat(build.log)
                .singleElement()
                .asString()
                .startsWith("sw.example.org is busy: another publisher has the lease; trying again until ");
    }

    @Test
    void aLeaseThatStaysBusyFailsTheStep() {
        // Given
        clock.stepSeconds = 600;
        for (int i = 0; i < 100; i++) {
            agent.exits.add(Exit.BUSY);
        }

        // When
        run.begin();

        // Then
        assertThat(failure())
                .matches("gave up after \\d+ attempts: sw.example.org is busy: another publisher has the lease");
        assertThat(agent.bodies).hasValue(0);
    }

    @Test
    void anOpeningOfWhichTheEndIsNotKnownNamesTheCommandToRun() {
        // Given
        agent.exits.add(Exit.LOST);

        // When
        run.begin();

        // Then
        assertThat(failure()).startsWith("it is not known how").endsWith(COMMAND);
    }

    @Test
    void anAgentThatDoesNotComeBackEndsTheStepWithTheCommandToRun() {
        // Given
        agent.exits.add(0);
        run.begin();
        awaitBody();
        agent.problem = new TransientFailureException("the agent publisher-1 is offline");
        clock.stepSeconds = 20;
        IllegalStateException lost = new IllegalStateException("the agent was removed");

        // When
        run.bodyEnded(lost);

        // Then
        assertThat(cause()).isSameAs(lost);
        assertThat(build.log).first().asString().isEqualTo("the agent publisher-1 is offline; waiting for the agent");
        assertThat(build.log)
                .last()
                .asString()
                .isEqualTo("The transaction of sw.example.org on publisher-1 may still be open; " + COMMAND);
    }

    @Test
    void anAbortThatFailsNamesTheCommandToRun() {
        // Given
        agent.exits.addAll(List.of(0, 1));
        run.begin();
        awaitBody();

        // When
        run.bodyEnded(aborted);

        // Then
        assertThat(cause()).isSameAs(aborted);
        assertThat(build.log)
                .singleElement()
                .asString()
                .startsWith("cvmfs_server abort sw.example.org failed with exit status 1. ")
                .endsWith(COMMAND);
    }

    @Test
    void aStepThatIsStoppedWhileItOpensAbortsWhatItOpened() {
        // Given
        agent.exits.addAll(List.of(0, 0));
        run.stop(aborted);
        state.started("a process");

        // When
        run.begin();

        // Then
        assertThat(cause()).isSameAs(aborted);
        assertThat(agent.commands).containsExactly("opening-0", "aborting-0");
        assertThat(agent.bodies).hasValue(0);
    }

    @Test
    void aStepThatIsStoppedAndOfWhichTheOpeningIsNotKnownNamesTheCommandToRun() {
        // Given
        agent.exits.add(Exit.LOST);
        run.stop(aborted);
        state.started("a process");

        // When
        run.begin();

        // Then
        assertThat(cause()).isSameAs(aborted);
        assertThat(build.log).singleElement().asString().endsWith(COMMAND);
    }

    @Test
    void aStepThatIsStoppedBetweenTwoAttemptsOpensNothing() {
        // Given
        run.stop(aborted);

        // When
        run.begin();

        // Then
        assertThat(cause()).isSameAs(aborted);
        assertThat(agent.commands).isEmpty();
    }

    @Test
    void aPublishThatIsStoppedIsKilledAndAborted() {
        // Given
        state.enter(Phase.PUBLISHING, NOW);
        run.stop(aborted);
        agent.exits.addAll(List.of(143, 0));

        // When
        run.begin();

        // Then
        assertThat(cause()).isSameAs(aborted);
        assertThat(agent.kills).hasValue(1);
        assertThat(agent.commands).containsExactly("publishing-0", "aborting-0");
    }

    @Test
    void aPublishThatWasFasterThanTheStopIsSaidToBePublished() {
        // Given
        state.enter(Phase.PUBLISHING, NOW);
        run.stop(aborted);
        agent.exits.add(0);

        // When
        run.begin();

        // Then
        assertThat(cause()).isSameAs(aborted);
        assertThat(agent.lastLines).containsExactly(UNANNOUNCED);
    }

    @Test
    void anAnnouncementThatIsStoppedIsSaidToBeMissing() {
        // Given
        state.enter(Phase.ANNOUNCING, NOW);
        run.begin();
        await().until(() -> agent.announcements.get() > 0);

        // When
        run.stop(aborted);

        // Then
        assertThat(cause()).isSameAs(aborted);
        assertThat(agent.lastLines).containsExactly(UNANNOUNCED);
    }

    @Test
    void anAnnouncementIsNotBegunAfterTheStop() {
        // Given
        state.enter(Phase.ANNOUNCING, NOW);
        run.stop(aborted);

        // When
        run.begin();

        // Then
        assertThat(cause()).isSameAs(aborted);
        assertThat(agent.announcements).hasValue(0);
        assertThat(agent.lastLines).containsExactly(UNANNOUNCED);
    }

    @Test
    void aBodyThatEndsBeforeTheStepIsResumedIsFollowedByOnePublish() {
        // Given
        state.enter(Phase.BODY, NOW);
        state.bodyStarted();
        agent.exits.addAll(List.of(3, 0));

        // When
        run.bodyEnded(null);
        run.begin();

        // Then
        assertThat(failure()).contains("cvmfs_server publish sw.example.org failed");
        assertThat(agent.commands).containsExactly("publishing-0", "aborting-0");
    }

    @Test
    void aBodyThatRunsIsNotStartedAgainAfterARestart() {
        // Given
        state.enter(Phase.BODY, NOW);
        state.bodyStarted();

        // When
        run.begin();
        run.bodyEnded(aborted);

        // Then
        agent.exits.add(0);
        assertThat(cause()).isSameAs(aborted);
        assertThat(agent.bodies).hasValue(0);
    }

    @Test
    void anErrorOfTheAgentNamesTheCommandToRun() {
        // Given
        agent.problem = new IllegalStateException("a class is gone");

        // When
        run.begin();

        // Then
        assertThat(failure()).contains("a class is gone").endsWith(COMMAND);
        assertThat(build.endings.get(0)).isInstanceOf(Ending.Failure.class);
    }

    @Test
    void aStopWhileTheBodyIsStartedReachesTheBody() {
        // Given
        agent.exits.addAll(List.of(0, 0));
        agent.whileBodyStarts = () -> run.stop(aborted);

        // When
        run.begin();
        await().until(() -> !agent.cancelled.isEmpty());
        run.bodyEnded(aborted);

        // Then
        assertThat(cause()).isSameAs(aborted);
        assertThat(agent.cancelled).containsOnly(aborted);
        assertThat(agent.commands).containsExactly("opening-0", "aborting-0");
    }

    @Test
    void aStopOfTheBodyIsLeftToTheBody() {
        // Given
        agent.exits.addAll(List.of(0, 3, 0));
        run.begin();
        awaitBody();

        // When
        run.stop(aborted);
        run.bodyEnded(null);

        // Then
        assertThat(failure()).startsWith("cvmfs_server publish");
        assertThat(agent.cancelled).containsExactly(aborted);
    }

    @Test
    void thePageShowsWhatATransactionDoes() {
        // Given
        clock.stepSeconds = 20;
        agent.exits.addAll(List.of(Exit.BUSY, Exit.BUSY, 0));
        TransactionRecord first = run.record();
        agent.whileBodyStarts = () -> agent.seen.add(run.record());

        // When
        run.begin();
        awaitBody();

        // Then
        assertThat(first.getStateText()).isEqualTo("opening");
        assertThat(first.isOpening()).isTrue();
        assertThat(first.getStartedAt()).isEqualTo(first.getSince()).isEqualTo(NOW);
        assertThat(first.isKnown(first.getStartedAt())).isTrue();
        TransactionRecord busy = agent.seen.get(1);
        assertThat(busy.getStateText()).isEqualTo("waiting for the lease");
        assertThat(busy.getAttempts()).isEqualTo(1);
        assertThat(busy.getSince())
                .isAfter(first.getSince())
                .isEqualTo(agent.seen.get(2).getSince());
        assertThat(agent.seen.get(3).getStateText()).isEqualTo("body running");
        assertThat(agent.seen.get(3).getNode()).isEqualTo("publisher-1");
        assertThat(agent.seen).allMatch(record -> record.isRunning() && record.getCommand() == null);
    }

    @Test
    void theStartOfATransactionThatAnOlderVersionBeganIsUnknown() throws Exception {
        // Given
        Field startedAt = TransactionState.class.getDeclaredField("startedAtMillis");
        startedAt.setAccessible(true);
        startedAt.setLong(state, 0);
        Field since = TransactionState.class.getDeclaredField("sinceMillis");
        since.setAccessible(true);
        since.setLong(state, 0);

        // When
        TransactionRecord record = run.record();

        // Then
        assertThat(record.isKnown(record.getStartedAt())).isFalse();
        assertThat(record.isKnown(record.getSince())).isFalse();
    }

    @Test
    void thePageShowsWhyATransactionWasAborted() {
        // Given
        agent.exits.addAll(List.of(0, 3, 0));
        run.begin();
        awaitBody();

        // When
        run.bodyEnded(null);

        // Then
        assertThat(failure()).isNotEmpty();
        assertThat(agent.seen)
                .extracting(TransactionRecord::getStateText)
                .containsExactly("opening", "publishing", "aborting");
        TransactionRecord last = run.record();
        assertThat(last.getState()).isEqualTo(State.ABORTED);
        assertThat(last.getStateText()).isEqualTo("aborted");
        assertThat(last.getDetail()).isEqualTo("cvmfs_server publish sw.example.org failed with exit status 3");
        assertThat(last.getEndedAt()).isNotNull();
    }

    @Test
    void thePageHasTheCommandForATransactionThatMayBeOpen() {
        // Given
        agent.exits.addAll(List.of(0, 1));
        run.begin();
        awaitBody();

        // When
        run.bodyEnded(aborted);

        // Then
        assertThat(cause()).isSameAs(aborted);
        TransactionRecord last = run.record();
        assertThat(last.getStateText()).isEqualTo("may be open");
        assertThat(last.getState()).isEqualTo(State.FAILED);
        assertThat(last.getCommand()).isEqualTo("cvmfs_server abort -f sw.example.org");
    }

    @Test
    void tagAndMessageArePassedOnAsTheyAre() {
        // Given
        CvmfsTransactionStep step = step();
        step.setTag("v1.2");
        step.setMessage("Alice's release $(rm -rf /)");
        TransactionState published = step.prepare(Samples.sites(), NOW, "publisher-1");

        // When
        published.enter(Phase.PUBLISHING, NOW);

        // Then
        assertThat(published.command())
                .startsWith(
                        "cvmfs_server publish -a 'v1.2' -m 'Alice'\\''s release $(rm -rf /)' sw.example.org 2>&1\n");
    }

    /** Commands end at once with the exit statuses of the test. */
    private final class ScriptedAgent implements TransactionRun.Surroundings {

        private final Deque<Integer> exits = new ConcurrentLinkedDeque<>();
        private final List<String> commands = new CopyOnWriteArrayList<>();
        private final List<Throwable> causes = new CopyOnWriteArrayList<>();
        private final List<String> lastLines = new CopyOnWriteArrayList<>();
        private final AtomicInteger announcements = new AtomicInteger();
        private final AtomicInteger bodies = new AtomicInteger();
        private final AtomicInteger kills = new AtomicInteger();
        private final List<Throwable> cancelled = new CopyOnWriteArrayList<>();
        /** The page, each time that a command has ended. */
        private final List<TransactionRecord> seen = new CopyOnWriteArrayList<>();

        private volatile Runnable whileBodyStarts = () -> {};
        private volatile @Nullable RuntimeException problem;

        @Override
        public @Nullable Integer look() {
            RuntimeException thrown = problem;
            if (thrown != null) {
                throw thrown;
            }
            Integer exit = exits.poll();
            if (exit != null) {
                commands.add(state.commandName());
                seen.add(run.record());
            }
            return exit;
        }

        @Override
        public void kill() {
            kills.incrementAndGet();
        }

        @Override
        public void startBody() {
            whileBodyStarts.run();
            state.bodyStarted();
            bodies.incrementAndGet();
        }

        @Override
        public void cancelBody(Throwable cause) {
            if (bodies.get() > 0) {
                cancelled.add(cause);
            }
        }

        @Override
        public PublishRun announcement(PublishState announcement, Consumer<Ending> whenEnded) {
            return new PublishRun(announcement, build, resources, clock, whenEnded);
        }

        @Override
        public void announce(PublishRun announcement) {
            announcements.incrementAndGet();
        }

        @Override
        public void fail(Throwable cause, @Nullable String lastLine) {
            if (lastLine != null) {
                lastLines.add(lastLine);
            }
            causes.add(cause);
        }
    }

    /** Goes on by some seconds each time it is read. */
    private static final class SteppingClock extends Clock {

        private volatile long stepSeconds = 4;
        private volatile Instant now = NOW;

        @Override
        public synchronized Instant instant() {
            now = now.plusSeconds(stepSeconds);
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
