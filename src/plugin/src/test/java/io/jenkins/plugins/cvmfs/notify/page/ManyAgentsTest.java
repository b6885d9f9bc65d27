package io.jenkins.plugins.cvmfs.notify.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import io.jenkins.plugins.cvmfs.notify.client.gate.ManifestSummary;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.gate.ReplicaState;
import io.jenkins.plugins.cvmfs.notify.client.gate.ReplicaState.RootCatalog;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.gate.StalePolicy;
import io.jenkins.plugins.cvmfs.notify.client.gate.Target;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.page.StepRecord.State;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A build keeps rows of some agents only, those that lag first, and the numbers of all. */
final class ManyAgentsTest {

    private static final Instant NOW = Instant.parse("2026-11-28T10:00:00Z");

    @Test
    void ofManyAgentsThoseThatLagAreKept() {
        // Given
        List<ReplicaState> states = IntStream.range(0, 150)
                .mapToObj(i -> state("agent " + i, i < 120))
                .toList();
        Condition condition = new Condition(
                new RepositoryName("sw.example.org"),
                new Target.AtLeast(new Revision(7)),
                states.stream().map(ReplicaState::replica).toList(),
                Requirement.ALL,
                StalePolicy.WAIT,
                NOW.plusSeconds(600),
                null,
                new Condition.Group("agents", "online with label 'cvmfs'", null));

        // When
        WaitRecord wait = new WaitRecord(
                new GateSnapshot(condition, NOW, null, states).report(NOW), State.RUNNING, "", "", Set.of(), NOW, null);

        // Then
        assertThat(wait.isOfAgents()).isTrue();
        assertThat(wait.getTitle())
                .isEqualTo("Wait for revision 7 or newer of sw.example.org on agents online with label 'cvmfs'");
        assertThat(wait.getTotal()).isEqualTo(150);
        assertThat(wait.getCounted()).isEqualTo(120);
        assertThat(wait.getReplicas()).hasSize(100);
        assertThat(wait.getReplicas().subList(0, 30)).noneMatch(WaitRecord.ReplicaRecord::isCounted);
        assertThat(((WaitRecord) wait.aborted(NOW)).getCounted()).isEqualTo(120);
        assertThat(Timeline.of(wait, null, NOW).rows()).hasSize(100);
    }

    private static ReplicaState state(String name, boolean counts) {
        return new ReplicaState(
                new Replica(name, "mount@%s:/cvmfs/sw.example.org".formatted(name.replace(' ', '+'))),
                new ManifestSummary(new Revision(counts ? 7 : 6), null, null),
                RootCatalog.PRESENT,
                counts ? NOW : null,
                counts ? NOW : null,
                NOW,
                null,
                null,
                null);
    }
}
