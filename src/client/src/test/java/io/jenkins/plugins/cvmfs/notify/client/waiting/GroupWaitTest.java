package io.jenkins.plugins.cvmfs.notify.client.waiting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateOutcome;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.gate.StalePolicy;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.transport.FetchedManifest;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation.Elsewhere;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation.MountPoint;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Waits for the mounts of other machines, which come and go. */
class GroupWaitTest extends WaitFixture {

    private final Machines machines = new Machines();
    private final WaitService service = open();

    private WaitService open() {
        WaitService opened = new WaitService(
                machines, server, WaitSettings.DEFAULT.withSchedule(QUICK), Clock.systemUTC(), new Random(1));
        services.add(opened);
        return opened;
    }

    private static Replica machine(String name) {
        return new Replica(
                name,
                new Elsewhere(name, "/cvmfs/sw.example.org", "/cvmfs/sw.example.org/releases/1 with 2").toString());
    }

    private Wait start() {
        Condition fixed = forRevision7("all", A);
        return service.start(
                new Condition(
                        fixed.repository(),
                        fixed.target(),
                        List.of(),
                        Requirement.ALL,
                        StalePolicy.WAIT,
                        fixed.deadline(),
                        null,
                        new Condition.Group("agents", "online with label 'cvmfs'", null)),
                FakeServer.SETTINGS,
                ProgressListener.NONE);
    }

    private static GateReport end(Wait wait) throws Exception {
        return wait.result().get(1, TimeUnit.MINUTES);
    }

    @Test
    void aGroupIsReadWhileItsMembersComeAndGo() throws Exception {
        // Given
        Wait wait = start();
        machines.has("agent 1", 7);
        machines.has("agent-2", 6);
        wait.members(List.of(machine("agent 1"), machine("agent-2")), null);
        await().atMost(Duration.ofMinutes(1)).until(() -> wait.report().counted() == 1);

        // When
        machines.has("agent-3", 7);
        wait.members(List.of(machine("agent 1"), machine("agent-3")), "offline: agent-2");

        // Then
        GateReport report = end(wait);
        assertThat(report.outcome()).isEqualTo(GateOutcome.REACHED);
        assertThat(report.replicas())
                .extracting(replica -> replica.state().replica().name())
                .containsExactly("agent 1", "agent-3");
    }

    @Test
    void aPathThatIsMissingElsewhereIsNamed() throws Exception {
        // Given
        machines.has("agent 1", 7);
        machines.pathsPresent = false;
        Wait wait = start();
        wait.members(List.of(machine("agent 1")), null);
        await().atMost(Duration.ofMinutes(1))
                .until(() -> wait.report()
                        .missing()
                        .contains(
                                "agent 1 serves revision 7, but /cvmfs/sw.example.org/releases/1 with 2 does not exist"
                                        + " there"));

        // When
        machines.pathsPresent = true;

        // Then
        assertThat(end(wait).outcome()).isEqualTo(GateOutcome.REACHED);
    }

    @Test
    void manyMachinesThatDoNotAnswerTakeNoOtherReadsPlace() throws Exception {
        // Given
        Wait hung = start();
        int many = 2 * WaitSettings.DEFAULT.maxReads();
        hung.members(
                IntStream.range(0, many).mapToObj(i -> machine("hung-" + i)).toList(), null);
        await().atMost(Duration.ofMinutes(1)).until(() -> machines.hung.size() == many);

        // When
        replicas.serve(A, 7);
        Wait other = service.start(forRevision7("all", A), FakeServer.SETTINGS, ProgressListener.NONE);

        // Then
        assertThat(end(other).outcome()).isEqualTo(GateOutcome.REACHED);
        assertThat(service.counts().readsUnderWay()).isZero();
        hung.cancel();
    }

    /** Reads replicas in memory, and machines that serve what the test says; others never answer. */
    private final class Machines extends FakeReplicas {

        private final Map<String, Long> revisions = new ConcurrentHashMap<>();
        private final Map<String, CompletableFuture<?>> hung = new ConcurrentHashMap<>();
        private volatile boolean pathsPresent = true;

        private void has(String machine, long revision) {
            revisions.put(machine, revision);
        }

        @Override
        public RepositoryLocation location(String text) {
            Elsewhere elsewhere = Elsewhere.read(text);
            return elsewhere == null ? RepositoryLocation.parse(text) : elsewhere;
        }

        @Override
        public CompletableFuture<FetchedManifest> manifest(
                RepositoryLocation location, @Nullable FetchedManifest previous) {
            return replicas.manifest(location, previous);
        }

        @Override
        public CompletableFuture<RepositoryReader.MountedRevision> mounted(MountPoint mount) {
            String machine = ((Elsewhere) mount).machine();
            Long revision = revisions.get(machine);
            return revision == null
                    ? hang(machine)
                    : CompletableFuture.completedFuture(new RepositoryReader.MountedRevision(
                            new Revision(revision), null, FakeReplicas.REPOSITORY));
        }

        private CompletableFuture<RepositoryReader.MountedRevision> hang(String machine) {
            CompletableFuture<RepositoryReader.MountedRevision> never = new CompletableFuture<>();
            hung.put(machine, never);
            return never;
        }

        @Override
        public CompletableFuture<Boolean> pathPresent(MountPoint mount) {
            return CompletableFuture.completedFuture(pathsPresent);
        }
    }
}
