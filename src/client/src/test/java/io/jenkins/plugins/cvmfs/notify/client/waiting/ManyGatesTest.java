package io.jenkins.plugins.cvmfs.notify.client.waiting;

import static io.jenkins.plugins.cvmfs.notify.client.waiting.FakeReplicas.REPOSITORY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateOutcome;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.gate.StalePolicy;
import io.jenkins.plugins.cvmfs.notify.client.gate.Target;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ManyGatesTest {

    private static final int GATES = 10_000;
    /** The gates' own thread, the four that call listeners, the fake server's, and a few that the JVM and the tests start. */
    private static final int FEW = 1 + 4 + 1 + 10;

    private static final String A = "http://a.example.org/cvmfs/sw.example.org";
    private static final String B = "http://b.example.org/cvmfs/sw.example.org";

    @Test
    void tenThousandWaitingGatesHoldNoThreadEach() {
        FakeReplicas replicas = new FakeReplicas();
        replicas.serve(A, 6);
        replicas.serve(B, 6);
        try (FakeServer server = new FakeServer();
                WaitService service =
                        new WaitService(replicas, server, WaitSettings.DEFAULT, Clock.systemUTC(), new Random(1))) {
            // Given
            List<Wait> waiting = new ArrayList<>();
            for (int i = 0; i < GATES; i++) {
                waiting.add(service.start(condition(7 + i % 2), FakeServer.SETTINGS, ProgressListener.NONE));
            }
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> waiting.stream()
                            .allMatch(one -> one.snapshot().replicas().stream().allMatch(it -> it.readAt() != null)));

            // Then all of them have looked, with few threads, one connection and few reads
            assertThat(service.counts().gates()).isEqualTo(GATES);
            assertThat(threads()).isLessThanOrEqualTo(FEW);
            assertThat(server.opened).hasSize(1);
            assertThat(service.counts().reads()).isLessThan(GATES / 10);

            // When half of what they wait for comes
            replicas.serve(A, 7);
            replicas.serve(B, 7);
            server.announce(7);
            List<Wait> half = waiting.stream().filter(one -> isFor(one, 7)).toList();
            half.forEach(one -> assertThat(one.result().join().outcome()).isEqualTo(GateOutcome.REACHED));

            // Then the others wait on
            assertThat(service.counts().gates()).isEqualTo(GATES - half.size());
            assertThat(threads()).isLessThanOrEqualTo(FEW);
        }
        await().until(() -> threads() == 0);
    }

    private static boolean isFor(Wait waiting, long revision) {
        return waiting.snapshot().condition().target().equals(new Target.AtLeast(new Revision(revision)));
    }

    /** Counts the threads of the library; the JVM has others. */
    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("cvmfs-notify-"))
                .count();
    }

    private static Condition condition(long revision) {
        return new Condition(
                REPOSITORY,
                new Target.AtLeast(new Revision(revision)),
                List.of(new Replica("site-a", A), new Replica("site-b", B)),
                Requirement.ALL,
                StalePolicy.WAIT,
                Clock.systemUTC().instant().plus(Duration.ofHours(1)),
                null);
    }
}
