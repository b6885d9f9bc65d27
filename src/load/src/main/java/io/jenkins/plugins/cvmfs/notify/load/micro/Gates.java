package io.jenkins.plugins.cvmfs.notify.load.micro;

import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.Gate;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateAction;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent;
import io.jenkins.plugins.cvmfs.notify.client.gate.ManifestSummary;
import io.jenkins.plugins.cvmfs.notify.client.gate.PollSchedule;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.gate.StalePolicy;
import io.jenkins.plugins.cvmfs.notify.client.gate.Target;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.load.wire.Numbered;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Ten thousand gates that wait for one repository on three replicas, as behind one connection: what one announcement costs them
 * all, and what one gate holds (printed once).
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class Gates {

    private static final int GATES = 10_000;
    private static final Instant NOW = Instant.parse("2026-11-24T00:00:00Z");

    private final List<Gate> gates = new ArrayList<>(GATES);
    private long sequence;

    @Setup
    public void open() {
        RepositoryName repository = new RepositoryName(Numbered.repository(1));
        Condition condition = new Condition(
                repository,
                new Target.AtLeast(Revision.parse("4000000000")),
                List.of(
                        new Replica("a", "http://a.example.org/cvmfs/" + repository),
                        new Replica("b", "http://b.example.org/cvmfs/" + repository),
                        new Replica("c", "http://c.example.org/cvmfs/" + repository)),
                Requirement.ALL,
                StalePolicy.WAIT,
                NOW.plus(Duration.ofHours(6)),
                null);
        long before = usedBytes();
        for (int i = 0; i < GATES; i++) {
            Gate gate = Gate.open(condition, true, PollSchedule.DEFAULT, new Random(i), NOW);
            gate.advance(NOW);
            gate.take(new GateEvent.Connected(), NOW);
            gate.advance(NOW);
            gates.add(gate);
        }
        // Random holds 40 bytes of it.
        System.out.printf("bytes for each gate: %d%n", (usedBytes() - before) / GATES);
    }

    private static long usedBytes() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    /** Time for all of them together. */
    @Benchmark
    public void announcement(Blackhole actions) {
        byte[] message = new Numbered(1, 1025).message(1, ++sequence);
        GateEvent event = new GateEvent.Announced(
                ManifestSummary.of(ActivityMessage.parse(message).manifest()));
        for (Gate gate : gates) {
            gate.take(event, NOW);
            List<GateAction> next = gate.advance(NOW);
            actions.consume(next);
        }
    }
}
