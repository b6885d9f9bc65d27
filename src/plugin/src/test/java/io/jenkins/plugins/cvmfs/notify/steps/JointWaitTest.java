package io.jenkins.plugins.cvmfs.notify.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import io.jenkins.plugins.cvmfs.notify.client.waiting.ProgressListener;
import io.jenkins.plugins.cvmfs.notify.client.waiting.Wait;
import io.jenkins.plugins.cvmfs.notify.config.ConfiguredSites;
import io.jenkins.plugins.cvmfs.notify.config.RepositoryEntry;
import io.jenkins.plugins.cvmfs.notify.connection.ServerSettings;
import io.jenkins.plugins.cvmfs.notify.steps.BuildHandle.Ending;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A wait for two repositories ends once, when both have ended or one has failed. */
final class JointWaitTest {

    private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");

    private final RecordingBuild build = new RecordingBuild();
    private final List<ScriptedWait> waits = new ArrayList<>();
    private final ConfiguredSites sites = sites();

    private static ConfiguredSites sites() {
        ConfiguredSites one = Samples.sites();
        RepositoryEntry other = new RepositoryEntry("other.example.org");
        other.setReplicas(one.repositories().get(0).getReplicas());
        return new ConfiguredSites(
                one.servers(),
                Stream.concat(one.repositories().stream(), Stream.of(other)).toList(),
                false);
    }

    private List<WaitState> states() {
        return Stream.of("sw.example.org", "other.example.org")
                .map(repository -> {
                    WaitForCvmfsRevisionStep step = Samples.waitFor(7L);
                    step.setRepository(repository);
                    step.setOnTimeout("unstable");
                    return step.prepare(sites, NOW, null).get(0);
                })
                .toList();
    }

    @BeforeEach
    void begin() {
        JointWait joint = new JointWait(states(), build, (server, known, listener) -> {
            ScriptedWait wait = new ScriptedWait(server, known.snapshot(), listener);
            waits.add(wait);
            return wait;
        });
        joint.begin(sites, false, (index, wait) -> {});
    }

    private ReachedRevision value() {
        assertThat(build.endings).hasSize(1);
        return build.endings.get(0) instanceof Ending.Success success
                ? (ReachedRevision) success.value()
                : (ReachedRevision) ((Ending.Unstable) build.endings.get(0)).value();
    }

    @Test
    void itEndsWhenBothHaveEnded() {
        // When
        waits.get(1).reach();
        List<Ending> before = List.copyOf(build.endings);
        waits.get(0).reach();

        // Then
        assertThat(before).isEmpty();
        assertThat(value().isReached()).isTrue();
        assertThat(value().getRepository()).isEqualTo("other.example.org");
        assertThat(value().getAll())
                .extracting(ReachedRevision::getRepository)
                .containsExactly("sw.example.org", "other.example.org");
    }

    @Test
    void aTimeoutOfOneMakesItUnstable() {
        // When
        waits.get(0).timeOut();
        waits.get(1).reach();

        // Then
        assertThat(((Ending.Unstable) build.endings.get(0)).reason())
                .contains("timed out waiting for revision 7 or newer of sw.example.org");
        assertThat(value().isReached()).isFalse();
        assertThat(value().getAll()).extracting(ReachedRevision::isReached).containsExactly(false, true);
    }

    @Test
    void aFailureOfOneEndsTheOther() {
        // When
        waits.get(0).result.completeExceptionally(new IllegalStateException("broken"));
        waits.get(1).reach();

        // Then
        assertThat(build.failure()).contains("broken");
        assertThat(waits.get(1).cancelled).isTrue();
    }

    @Test
    void itsLinesNameTheRepository() {
        // When
        waits.get(1).listener.progress("site-a serves revision 6");

        // Then
        assertThat(build.log).containsExactly("other.example.org: site-a serves revision 6");
    }

    @Test
    void afterAFailureNoFurtherWaitStarts() {
        // Given
        List<Integer> followed = new ArrayList<>();
        List<WaitState> opened = new ArrayList<>();
        RecordingBuild failing = new RecordingBuild();
        JointWait joint = new JointWait(states(), failing, (server, known, listener) -> {
            opened.add(known);
            throw new IllegalStateException("broken");
        });

        // When
        joint.begin(sites, false, (index, wait) -> followed.add(index));

        // Then
        assertThat(failing.failure()).contains("broken");
        assertThat(followed).containsExactly(0, 1);
        assertThat(opened).hasSize(1);
        assertThat(joint.isOver()).isTrue();
    }

    @Test
    void aStepThatIsStoppedBeforeItBeginsStartsNoWait() {
        // Given
        List<WaitState> opened = new ArrayList<>();
        JointWait joint = new JointWait(states(), build, (server, known, listener) -> {
            opened.add(known);
            return new ScriptedWait(server, known.snapshot(), listener);
        });

        // When
        joint.stop();
        joint.begin(sites, true, (index, wait) -> {});

        // Then
        assertThat(opened).isEmpty();
    }

    @Test
    void replicasAndAgentsOfOneRepositoryAreOneValue() {
        // Given
        WaitForCvmfsRevisionStep step = Samples.waitFor(7L);
        step.setReplicas(List.of("site-a"));
        step.setAgents("cvmfs");
        RecordingBuild both = new RecordingBuild();
        List<ScriptedWait> parts = new ArrayList<>();
        JointWait joint = new JointWait(step.prepare(sites, NOW, null), both, (server, known, listener) -> {
            ScriptedWait wait = new ScriptedWait(server, known.snapshot(), listener);
            parts.add(wait);
            return wait;
        });
        joint.begin(sites, false, (index, wait) -> {});

        // When
        parts.get(0)
                .result
                .complete(GateReports.waiting(parts.get(0).known)
                        .read("site-a", 8)
                        .report());
        boolean before = both.endings.isEmpty();
        parts.get(1)
                .result
                .complete(GateReports.waiting(parts.get(1).known)
                        .members("agent 1", "agent-2")
                        .read("agent 1", 7)
                        .read("agent-2", 9)
                        .report());

        // Then
        assertThat(before).isTrue();
        ReachedRevision value = (ReachedRevision) ((Ending.Success) both.endings.get(0)).value();
        assertThat(value.isReached()).isTrue();
        assertThat(value.getRevision()).isEqualTo(7);
        assertThat(value.getReplicas()).extracting(ReplicaOutcome::getName).containsExactly("site-a");
        assertThat(value.getAgents())
                .extracting(ReplicaOutcome::getName, ReplicaOutcome::getUrl, ReplicaOutcome::getRevision)
                .containsExactly(
                        tuple("agent 1", "/cvmfs/sw.example.org", 7L), tuple("agent-2", "/cvmfs/sw.example.org", 9L));
        assertThat(value.getAll()).containsExactly(value);
        assertThat(both.log)
                .anyMatch(line -> line.contains("2 of 2 agents have revision 7 or newer, 2 needed")
                        && line.contains("agent    readable after"));
    }

    /** A wait that ends as the test says. */
    private static final class ScriptedWait implements Wait {

        private final CompletableFuture<GateReport> result = new CompletableFuture<>();
        private final GateSnapshot known;
        private final ProgressListener listener;
        private boolean cancelled;

        ScriptedWait(Optional<ServerSettings> server, GateSnapshot known, ProgressListener listener) {
            assertThat(server).isPresent();
            this.known = known;
            this.listener = listener;
        }

        private void reach() {
            result.complete(GateReports.waiting(known)
                    .read("site-a", 7)
                    .read("site-b", 7)
                    .report());
        }

        private void timeOut() {
            result.complete(GateReports.waiting(known).read("site-a", 7).timeOut());
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
        public GateSnapshot snapshot() {
            return known;
        }
    }
}
