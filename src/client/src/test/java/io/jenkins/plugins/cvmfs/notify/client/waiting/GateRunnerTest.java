package io.jenkins.plugins.cvmfs.notify.client.waiting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.gate.GateOutcome;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberFactory;
import java.time.Clock;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whatever breaks around a gate, its result completes. */
class GateRunnerTest extends WaitFixture {

    private final GateThread thread = new GateThread(Clock.systemUTC());

    @AfterEach
    void closeThread() {
        thread.close();
    }

    private GateRunner start(Executor blocking, SubscriberFactory factory) {
        GateRunner.Shared shared = new GateRunner.Shared(
                thread,
                new ReplicaPoller(replicas, WaitSettings.DEFAULT, thread),
                new SharedSubscriptions(factory, thread, blocking, Duration.ZERO),
                factory,
                QUICK,
                new Random(1),
                blocking);
        GateSnapshot known = GateSnapshot.start(forRevision7("all", A), thread.now());
        GateRunner run = new GateRunner(shared, known, FakeServer.SETTINGS, ProgressListener.NONE, gone -> {});
        thread.execute(run::start);
        return run;
    }

    @Test
    void aGateThatEndsWhileNoThreadCanBeHadStillGivesItsResult() throws Exception {
        // Given
        replicas.serve(A, 7);
        AtomicInteger refusals = new AtomicInteger(2);

        // When
        GateRunner run = start(
                task -> {
                    if (refusals.getAndDecrement() > 0) {
                        throw new RejectedExecutionException("no thread");
                    }
                    task.run();
                },
                server);

        // Then
        assertThatThrownBy(() -> run.result().get(30, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void anErrorEndsTheWaitToo() {
        // When
        GateRunner run = start(Runnable::run, (settings, listener) -> {
            throw new NoClassDefFoundError("a class of the transport is gone");
        });

        // Then
        assertThatThrownBy(() -> run.result().get(30, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(NoClassDefFoundError.class);
    }

    @Test
    void anOrdinaryGateIsReached() {
        replicas.serve(A, 7);

        assertThat(start(Runnable::run, server).result().join().outcome()).isEqualTo(GateOutcome.REACHED);
    }
}
