package io.jenkins.plugins.cvmfs.notify.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationSubscriber;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriptionListener;
import io.jenkins.plugins.cvmfs.notify.client.waiting.WaitService;
import io.jenkins.plugins.cvmfs.notify.client.waiting.WaitSettings;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** A waiting build costs a map entry: no thread and no connection. */
final class ManyWaitsTest {

    private static final int WAITS = 10_000;
    private static final SubscriberSettings MAIN =
            SubscriberSettings.of(NotificationServer.parse("http://notify.example.org/api/v1"));

    private final RecordingBuild build = new RecordingBuild();
    private final List<ScriptedServer> servers = new CopyOnWriteArrayList<>();

    @Test
    void tenThousandWaitsShareOneConnectionAndAFewThreads() {
        // Given
        try (Network network = Network.builder().build();
                WaitService room = new WaitService(
                        network.repositoryReader(),
                        (settings, listener) -> new ScriptedServer(listener),
                        WaitSettings.DEFAULT,
                        Clock.systemUTC(),
                        new Random(1))) {
            // When
            List<RevisionWait> waits = new ArrayList<>();
            for (int i = 0; i < WAITS; i++) {
                waits.add(begin(room));
            }
            await().atMost(Duration.ofMinutes(1)).until(() -> {
                for (int due = build.later.size(); due > 0; due--) {
                    build.nextTask();
                }
                return count("connected to the notification server") == WAITS;
            });

            // Then
            assertThat(room.counts().gates()).isEqualTo(WAITS);
            assertThat(servers)
                    .singleElement()
                    .satisfies(server ->
                            assertThat(server.subscribed).containsExactly(new RepositoryName("sw.example.org")));
            assertThat(Thread.getAllStackTraces().keySet().stream()
                            .filter(thread -> thread.getName().startsWith("cvmfs-notify-")))
                    .hasSizeLessThanOrEqualTo(20);

            waits.forEach(RevisionWait::stop);
            await().atMost(Duration.ofMinutes(1)).until(() -> room.counts().gates() == 0);
        }
        assertThat(build.endings).isEmpty();
        assertThat(servers).singleElement().matches(server -> server.closed);
    }

    private RevisionWait begin(WaitService room) {
        WaitState state = Samples.waitFor(7L)
                .prepare(Samples.sites(), Clock.systemUTC().instant(), null)
                .get(0);
        RevisionWait wait = new RevisionWait(
                state,
                build,
                new ConsoleLines(build, "sw.example.org"),
                (server, known, listener) -> room.resume(known.snapshot(), MAIN, listener),
                build::end);
        wait.begin(Samples.sites());
        return wait;
    }

    private long count(String part) {
        return build.log.stream().filter(line -> line.contains(part)).count();
    }

    /** Is there at once, and announces nothing. */
    private final class ScriptedServer implements NotificationSubscriber {

        private final List<RepositoryName> subscribed = new CopyOnWriteArrayList<>();
        private final SubscriptionListener listener;
        private volatile boolean closed;

        private ScriptedServer(SubscriptionListener listener) {
            this.listener = listener;
            servers.add(this);
        }

        @Override
        public CompletableFuture<Void> subscribe(RepositoryName repository) {
            if (!subscribed.contains(repository)) {
                subscribed.add(repository);
                new Thread(() -> listener.subscribed(repository), "scripted-server").start();
            }
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void unsubscribe(RepositoryName repository) {
            // Only who subscribes is of interest.
        }

        @Override
        public NotificationSubscriber.Counts counts() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
