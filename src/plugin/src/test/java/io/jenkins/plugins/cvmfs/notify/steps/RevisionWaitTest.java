package io.jenkins.plugins.cvmfs.notify.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import io.jenkins.plugins.cvmfs.notify.client.gate.ServerLink;
import io.jenkins.plugins.cvmfs.notify.client.waiting.ProgressListener;
import io.jenkins.plugins.cvmfs.notify.client.waiting.Wait;
import io.jenkins.plugins.cvmfs.notify.config.ConfiguredSites;
import io.jenkins.plugins.cvmfs.notify.connection.ServerSettings;
import io.jenkins.plugins.cvmfs.notify.page.StepRecord;
import io.jenkins.plugins.cvmfs.notify.page.StepRecord.State;
import io.jenkins.plugins.cvmfs.notify.page.WaitRecord;
import io.jenkins.plugins.cvmfs.notify.steps.BuildHandle.Ending;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class RevisionWaitTest {

    private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");

    private final RecordingBuild build = new RecordingBuild();
    private final WaitState state =
            Samples.waitFor(7L).prepare(Samples.sites(), NOW, null).get(0);
    private final ScriptedOpener opener = new ScriptedOpener();
    private final RevisionWait wait = wait(state, opener);

    private RevisionWait wait(WaitState of, RevisionWait.Opener by) {
        return new RevisionWait(of, build, new ConsoleLines(build, "sw.example.org"), by, build::end);
    }

    /** One whose console has a line a minute, whatever the build sets for the others. */
    private RevisionWait paced() {
        ConsoleLines console = new ConsoleLines(build, "sw.example.org", Duration.ofMinutes(1));
        return new RevisionWait(state, build, console, opener, build::end);
    }

    @Test
    void progressIsLoggedAndSaved() {
        // Given
        wait.begin(Samples.sites());
        GateReports.Progress progress = GateReports.waiting(state.snapshot()).read("site-a", 7);
        opener.known = progress.snapshot();

        // When
        opener.listener().progress("site-a serves revision 7");

        // Then
        assertThat(build.log).containsExactly("sw.example.org: site-a serves revision 7");
        assertThat(build.saves).hasValue(1);
        assertThat(state.snapshot()).isEqualTo(progress.snapshot());
    }

    @Test
    void theConsoleHasTheDeadlineInTheFormatOfThePage() {
        // Given
        wait.begin(Samples.sites());
        Instant deadline = state.snapshot().condition().deadline();

        // When
        opener.listener().progress("waiting for revision 7 of sw.example.org until " + deadline);

        // Then
        assertThat(build.log)
                .containsExactly("waiting for revision 7 of sw.example.org until " + StepRecord.time(deadline));
    }

    @Test
    void aRevisionThatIsReachedIsTheValueOfTheStep() {
        // Given
        wait.begin(Samples.sites());
        GateReport report = GateReports.waiting(state.snapshot())
                .read("site-a", 8)
                .read("site-b", 7)
                .report();

        // When
        opener.result.complete(report);

        // Then
        assertThat(build.endings).hasSize(1);
        Ending.Success success = (Ending.Success) build.endings.get(0);
        ReachedRevision value = (ReachedRevision) success.value();
        assertThat(value.isReached()).isTrue();
        assertThat(value.getRevision()).isEqualTo(7);
        assertThat(value.getRootHash()).isEqualTo(GateReports.hash(7).toString());
        assertThat(value.getReplicas())
                .extracting(ReplicaOutcome::getName, ReplicaOutcome::getRevision)
                .containsExactly(tuple("site-a", 8L), tuple("site-b", 7L));
    }

    @Test
    void aTimeoutFailsTheStepOrMarksTheBuildUnstableOrLetsItContinue() {
        // Given
        GateReport late =
                GateReports.waiting(state.snapshot()).read("site-a", 7).timeOut();

        // When
        Ending fail = RevisionWait.ending(late, WaitState.OnTimeout.FAIL);
        Ending unstable = RevisionWait.ending(late, WaitState.OnTimeout.UNSTABLE);
        Ending goOn = RevisionWait.ending(late, WaitState.OnTimeout.CONTINUE);

        // Then
        assertThat(((Ending.Failure) fail).reason())
                .contains("timed out waiting for revision 7 or newer of sw.example.org", "site-b");
        assertThat(((Ending.Unstable) unstable).reason()).contains("timed out waiting for");
        assertThat(((ReachedRevision) ((Ending.Success) goOn).value()).isReached())
                .isFalse();
    }

    @Test
    void aServerThatWasTakenFromTheConfigurationEndsNoWait() {
        // Given
        ConfiguredSites without = new ConfiguredSites(List.of(), Samples.sites().repositories(), false);

        // When
        wait.begin(without);

        // Then
        assertThat(opener.server).isEmpty();
        assertThat(build.log).singleElement().asString().contains("without a notification server");
        assertThat(build.endings).isEmpty();
    }

    @Test
    void aWaitWithoutAnyServerSaysSo() {
        // Given
        WaitForCvmfsRevisionStep step = Samples.waitFor(7L);
        step.setServer(null);
        ConfiguredSites without = new ConfiguredSites(List.of(), Samples.sites().repositories(), false);
        RevisionWait unnamed = wait(step.prepare(without, NOW, null).get(0), opener);

        // When
        unnamed.resume(without);

        // Then
        assertThat(opener.server).isEmpty();
        assertThat(build.log)
                .containsExactly("sw.example.org: waiting without a notification server, the replicas are polled:"
                        + " none is configured under Manage Jenkins > System");
    }

    @Test
    void aMissingTokenFailsTheStep() {
        // Given
        opener.refusal = new RefusedException("there is no secret text");

        // When
        wait.begin(Samples.sites());

        // Then
        assertThat(build.failure()).isEqualTo("there is no secret text");
    }

    @Test
    void aWaitThatCannotEvenBeOpenedFailsTheStepWhateverTheReason() {
        // Given
        RevisionWait broken = wait(state, (server, known, listener) -> {
            throw new NoClassDefFoundError("a class of the transport is gone");
        });

        // When
        broken.begin(Samples.sites());

        // Then
        assertThat(build.failure()).contains("the wait failed", "a class of the transport is gone");
        assertThat(broken.record(NOW).getState()).isEqualTo(State.FAILED);
    }

    @Test
    void aReportOfWhichNoEndingCanBeMadeFailsTheStep() {
        // Given
        wait.begin(Samples.sites());

        // When
        opener.result.completeExceptionally(new NoClassDefFoundError("a class of the gate is gone"));

        // Then
        assertThat(build.failure()).contains("the wait failed", "a class of the gate is gone");
    }

    @Test
    void progressIsSavedEvenIfItCannotBeLogged() {
        // Given
        build.logProblem = new IllegalStateException("the disk is full");
        wait.begin(Samples.sites());
        GateReports.Progress progress = GateReports.waiting(state.snapshot()).read("site-a", 7);
        opener.known = progress.snapshot();

        // When
        assertThatThrownBy(() -> opener.listener().progress("site-a serves revision 7"))
                .isSameAs(build.logProblem);

        // Then
        assertThat(state.snapshot()).isEqualTo(progress.snapshot());
    }

    @Test
    void aTokenThatIsDeletedOverARestartDoesNotEndTheWait() {
        // Given
        opener.refusal = new RefusedException("there is no secret text");

        // When
        wait.resume(Samples.sites());

        // Then
        assertThat(opener.server).isEmpty();
        assertThat(build.log)
                .containsExactly("sw.example.org: waiting without a notification server, the replicas are polled: "
                        + "there is no secret text");
        assertThat(build.endings).isEmpty();
        opener.result.complete(GateReports.waiting(state.snapshot()).timeOut());
        assertThat(build.failure()).contains("timed out waiting for");
    }

    @Test
    void aStoppedWaitIsCancelledWithoutTellingTheBuild() {
        // Given
        wait.begin(Samples.sites());

        // When
        wait.stop();

        // Then
        assertThat(opener.cancelled).isTrue();
        opener.result.complete(GateReports.waiting(state.snapshot()).timeOut());
        assertThat(build.endings).isEmpty();
    }

    @Test
    void aStoppedWaitWritesNothingMoreIntoTheConsole() {
        // Given
        RevisionWait paced = paced();
        paced.begin(Samples.sites());
        opener.listener().progress("connected to the notification server");
        opener.listener().progress("site-a serves revision 6");
        List<String> before = List.copyOf(build.log);

        // When
        paced.stop();
        build.nextTask();
        opener.listener().progress("site-b serves revision 6");

        // Then
        assertThat(build.log).isEqualTo(before);
    }

    @Test
    void aWaitThatIsStoppedBeforeItIsOpenNeverWaits() {
        // Given
        wait.stop();

        // When
        wait.begin(Samples.sites());

        // Then
        assertThat(opener.cancelled).isTrue();
        assertThat(build.endings).isEmpty();
    }

    @Test
    void aGateThatIsClosedWithoutBeingStoppedLeavesNoBuildWaiting() {
        // Given
        wait.begin(Samples.sites());

        // When
        opener.result.completeExceptionally(new CancellationException("the room was closed"));

        // Then the build judges if Jenkins shuts down
        assertThat(build.failure()).contains("the room was closed");
    }

    @Test
    void whatWasSeenInTheLastMinuteIsLoggedBeforeJenkinsStops() {
        // Given
        RevisionWait paced = paced();
        paced.begin(Samples.sites());
        opener.listener().progress("connected to the notification server");
        opener.listener().progress("site-a serves revision 6");

        // When
        opener.result.completeExceptionally(new CancellationException("the waits are closed"));

        // Then
        assertThat(build.log)
                .containsExactly(
                        "sw.example.org: connected to the notification server",
                        "sw.example.org: site-a serves revision 6");
    }

    @Test
    void theRecordFollowsTheWaitFromItsBeginToItsEnd() {
        // Given
        State before = wait.record(NOW).getState();
        wait.begin(Samples.sites());
        GateReports.Progress progress = GateReports.waiting(state.snapshot()).read("site-a", 6);
        opener.known = progress.snapshot();
        opener.listener().progress("site-a serves revision 6");
        WaitRecord during = wait.record(NOW);

        // When
        opener.result.complete(progress.read("site-a", 7).read("site-b", 7).report());

        // Then
        WaitRecord end = wait.record(NOW);
        assertThat(before).isEqualTo(State.RUNNING);
        assertThat(during.getTitle()).isEqualTo("Wait for revision 7 or newer of sw.example.org");
        assertThat(during.getCounted()).isZero();
        assertThat(during.getConnection()).isEqualTo("connected to the notification server");
        assertThat(during.getEndedAt()).isNull();
        assertThat(end.getState()).isEqualTo(State.DONE);
        assertThat(end.getEndedAt()).isAfter(end.getStartedAt());
        assertThat(end.getReplicas())
                .extracting(WaitRecord.ReplicaRecord::isCounted)
                .containsExactly(true, true);
    }

    @Test
    void aTimeoutIsRecordedAsOneWhateverItMeansForTheBuild() {
        // Given
        wait.begin(Samples.sites());

        // When
        opener.result.complete(
                GateReports.waiting(state.snapshot()).read("site-a", 7).timeOut());

        // Then
        assertThat(wait.record(NOW).getState()).isEqualTo(State.TIMED_OUT);
        assertThat(wait.record(NOW).getDetail()).contains("1 of 2 replicas have revision 7 or newer");
    }

    @Test
    void theStatusSaysWhatIsMissing() {
        // Given
        String before = wait.status();

        // When
        wait.begin(Samples.sites());

        // Then
        assertThat(before).contains("starting to wait for revision 7");
        assertThat(wait.status())
                .contains("waiting for revision 7 or newer of sw.example.org")
                .contains("site-");
    }

    /** Opens every wait and does what the test says; refuses those with a server if the test says so. */
    private final class ScriptedOpener implements RevisionWait.Opener, Wait {

        private final CompletableFuture<GateReport> result = new CompletableFuture<>();
        private Optional<ServerSettings> server = Optional.empty();
        private GateSnapshot known = state.snapshot();
        private @Nullable ProgressListener listener;
        private @Nullable RefusedException refusal;
        private boolean cancelled;

        @Override
        public Wait open(Optional<ServerSettings> wanted, WaitState opened, ProgressListener progress) {
            if (refusal != null && wanted.isPresent()) {
                throw refusal;
            }
            server = wanted;
            known = opened.snapshot();
            listener = progress;
            return this;
        }

        private ProgressListener listener() {
            return Objects.requireNonNull(listener);
        }

        @Override
        public CompletableFuture<GateReport> result() {
            return result.copy();
        }

        @Override
        public void cancel() {
            cancelled = true;
        }

        @Override
        public GateReport report() {
            return GateReports.waiting(known).report();
        }

        @Override
        public ServerLink link() {
            return new ServerLink(ServerLink.State.CONNECTED, null);
        }

        @Override
        public GateSnapshot snapshot() {
            return known;
        }
    }
}
