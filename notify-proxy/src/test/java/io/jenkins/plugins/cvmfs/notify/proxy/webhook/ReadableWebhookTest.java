package io.jenkins.plugins.cvmfs.notify.proxy.webhook;

import static io.jenkins.plugins.cvmfs.notify.proxy.webhook.Webhooked.announcement;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.proxy.ManualClock;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig.WebhookConfig.Body;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig.WebhookConfig.Event;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.WatchConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.WatchedReplicas;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryPattern;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.poll.HandMovedThread;
import io.jenkins.plugins.cvmfs.notify.proxy.watch.ReplicaStatus;
import io.jenkins.plugins.cvmfs.notify.proxy.webhook.WebhookQueue.Surroundings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A webhook that is told of revisions once replicas serve them. */
class ReadableWebhookTest {

    private static final RepositoryName SW = new RepositoryName("sw.example.org");
    private static final List<String> SITES = List.of("site-a", "site-b", "site-c");

    private final HandMovedThread thread = new HandMovedThread();
    private final ManualClock clock = new ManualClock();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final ScriptedReceiver receiver = new ScriptedReceiver(thread);
    private final Map<String, ReplicaStatus> replicas = new LinkedHashMap<>();
    private @Nullable Announcement told;
    private int seconds;

    @TempDir
    Path folder;

    private WebhookQueue queue;

    @BeforeEach
    void open() {
        receiver.accepts = true;
        // After the time in the manifests.
        clock.move(Duration.ofDays(1));
        queue = queue(null);
    }

    @AfterEach
    void close() {
        thread.close();
    }

    @Test
    void itIsToldOnceAllReplicasServeTheRevision() {
        announce(7);
        serve("site-a", 7);
        serve("site-b", 7);
        serve("site-c", 6);
        assertThat(receiver.told).isEmpty();
        assertThat(queue.status().awaited()).isEqualTo(1);

        serve("site-c", 7);
        serve("site-c", 7);
        assertThat(receiver.told).containsExactly("sw.example.org 7");
        assertThat(receiver.eventIds())
                .allMatch(event -> event.startsWith("io.jenkins.plugins.cvmfs.notify.readable "));
        assertThat(queue.status().awaited()).isZero();
    }

    @Test
    void aMajorityIsEnoughIfThatIsRequired() {
        queue = queue(Requirement.MAJORITY);
        announce(7);
        serve("site-a", 7);
        assertThat(receiver.told).isEmpty();

        serve("site-c", 8);
        assertThat(receiver.told).as("a newer one is as good").containsExactly("sw.example.org 7");
    }

    @Test
    void whatIsServedWhenItIsAnnouncedIsToldAtOnce() {
        SITES.forEach(site -> serve(site, 7));
        announce(7);

        assertThat(receiver.told).containsExactly("sw.example.org 7");
    }

    @Test
    void ofSeveralThatBecomeReadableOnlyTheNewestIsTold() {
        announce(7);
        announce(8);
        announce(9);
        SITES.forEach(site -> serve(site, 9));

        assertThat(receiver.told).containsExactly("sw.example.org 9");
        assertThat(count("replaced")).isEqualTo(2);
    }

    @Test
    void aRepositoryThatIsPublishedFasterThanItIsReplicatedIsTold() {
        for (int revision = 1; revision <= 100; revision++) {
            announce(revision);
            int replicated = revision - 5;
            SITES.forEach(site -> serve(site, Math.max(1, replicated)));
        }

        assertThat(receiver.told).hasSizeGreaterThan(15);
        assertThat(queue.status().awaited()).isEqualTo(1);
        SITES.forEach(site -> serve(site, 100));
        assertThat(receiver.told).endsWith("sw.example.org 100");
    }

    @Test
    void whatBecameReadableWhileTheProxyWasDownIsToldAfterItsStart() {
        Announcement announced = announce(7);
        SITES.forEach(site -> replicas.put(site, status(site, announced, null)));

        queue.remove();
        queue = queue(null);
        queue.announced(announced);
        thread.run();
        assertThat(receiver.told).containsExactly("sw.example.org 7");

        queue.remove();
        queue = queue(null);
        queue.announced(announced);
        thread.run();
        assertThat(receiver.told).as("once").containsExactly("sw.example.org 7");
    }

    @Test
    void whatWasUnderWayAtAKillIsToldAgainWithTheSameId() {
        receiver.accepts = false;
        SITES.forEach(site -> serve(site, 7));
        Announcement announced = announce(7);
        assertThat(receiver.told).hasSize(1);

        queue.remove();
        queue = queue(null);
        queue.announced(announced);
        thread.run();
        assertThat(receiver.ids()).hasSize(2).containsOnly(receiver.ids().get(0));
    }

    @Test
    void whatIsHeldIsToldOnlyOnceItIsReleased() {
        SITES.forEach(site -> serve(site, 8));
        told = announce(7);
        Announcement held = announcement("sw.example.org", 8, clock.instant().plusSeconds(seconds++));
        queue.announced(held);
        thread.run();
        assertThat(receiver.told).containsExactly("sw.example.org 7");

        told = held;
        queue.changed(SW);
        thread.run();
        assertThat(receiver.told).containsExactly("sw.example.org 7", "sw.example.org 8");
    }

    @Test
    void aReplicaThatCannotBeReadDoesNotCount() {
        announce(7);
        serve("site-a", 7);
        serve("site-b", 7);
        Announcement served = announcement("sw.example.org", 7);
        replicas.put("site-a", status("site-a", served, "the connection is refused"));
        serve("site-c", 7);
        assertThat(receiver.told).isEmpty();

        serve("site-a", 7);
        assertThat(receiver.told).containsExactly("sw.example.org 7");
    }

    @Test
    void aRevisionThatIsNotReadableInTimeIsGivenUpAndCounted() {
        Announcement announced = announce(7);
        serve("site-a", 7);
        thread.letPass(Duration.ofMinutes(59));
        assertThat(queue.status().awaited()).isEqualTo(1);
        thread.letPass(Duration.ofMinutes(2));

        assertThat(queue.status().awaited()).isZero();
        assertThat(count("unreadable")).isEqualTo(1);
        assertThat(queue.status().givenUp()).isEqualTo(1);
        queue.remove();
        queue = queue(null);
        queue.announced(announced);
        SITES.forEach(site -> serve(site, 7));
        assertThat(receiver.told).as("after a restart").isEmpty();
        announce(8);
        SITES.forEach(site -> serve(site, 8));
        assertThat(receiver.told).containsExactly("sw.example.org 8");
    }

    @Test
    void theTimeForWhichItIsAwaitedCountsFromTheAnnouncementAlsoAfterARestart() {
        Announcement announced = announce(7);
        queue.remove();
        clock.move(Duration.ofMinutes(50));
        queue = queue(null);
        queue.announced(announced);
        thread.letPass(Duration.ofMinutes(11));

        assertThat(count("unreadable")).isEqualTo(1);
    }

    @Test
    void aRollbackIsToldOnlyOnceTheRevisionBeforeItIsGoneFromTheReplicas() {
        SITES.forEach(site -> serve(site, 7));
        announce(7);
        SITES.forEach(site -> serve(site, 8));
        announce(8);
        Announcement rollback = announce(7);
        serve("site-a", 7);
        serve("site-b", 7);
        assertThat(receiver.told).containsExactly("sw.example.org 7", "sw.example.org 8");

        queue.remove();
        queue = queue(null);
        queue.announced(rollback);
        thread.run();
        assertThat(receiver.told).as("after a restart").hasSize(2);

        serve("site-c", 7);
        assertThat(receiver.told).containsExactly("sw.example.org 7", "sw.example.org 8", "sw.example.org 7");
        assertThat(receiver.ids()).doesNotHaveDuplicates();
    }

    @Test
    void aRollbackTakesBackWhatWasReadableAndIsStillToBeTold() {
        receiver.isDown = true;
        SITES.forEach(site -> serve(site, 8));
        announce(8);
        thread.run();
        assertThat(queue.status().queued()).isEqualTo(1);
        announce(7);

        assertThat(queue.status().queued()).isZero();
        assertThat(queue.status().awaited()).isEqualTo(1);
        receiver.isDown = false;
        SITES.forEach(site -> serve(site, 7));
        thread.letPass(Duration.ofMinutes(2));
        assertThat(receiver.told).endsWith("sw.example.org 7").doesNotHaveDuplicates();
    }

    @Test
    void aRepositoryWithoutReplicasIsNotForIt() {
        queue.announced(announcement("other.example.net", 1));

        assertThat(queue.status().awaited()).isZero();
        assertThat(receiver.told).isEmpty();
    }

    @Test
    void aForgottenRepositoryIsNotAwaited() {
        announce(7);
        queue.forget(SW);

        assertThat(queue.status().awaited()).isZero();
        SITES.forEach(site -> serve(site, 7));
        assertThat(receiver.told).isEmpty();
    }

    @Test
    void anotherEventIsToldOfTheLastValue() {
        SITES.forEach(site -> serve(site, 7));
        Announcement announced = announce(7);
        queue.configure(Webhook.read(Webhooked.config(
                URI.create("https://ci.example.org/hook"),
                Event.ANNOUNCED,
                null,
                Body.CLOUDEVENTS,
                Webhooked.secretFile(folder))));
        queue.announced(announced);
        thread.run();

        assertThat(receiver.eventIds())
                .hasSize(2)
                .last()
                .asString()
                .startsWith("io.jenkins.plugins.cvmfs.notify.announced ");
    }

    private WebhookQueue queue(@Nullable Requirement require) {
        WatchConfig watch = new WatchConfig(
                true,
                Duration.ofMinutes(10),
                1000,
                List.of(new WatchedReplicas(
                        new RepositoryPattern("*.example.org"),
                        SITES.stream()
                                .map(site -> "http://" + site + "/cvmfs/@fqrn@")
                                .toList())));
        Readability readability = new Readability(
                TestConfigs.with(TestConfigs.standalone(0), watch),
                repository -> List.copyOf(replicas.values()),
                repository -> Optional.ofNullable(told));
        return new WebhookQueue(
                Webhook.read(Webhooked.config(
                        URI.create("https://ci.example.org/hook"),
                        Event.READABLE,
                        require,
                        Body.CLOUDEVENTS,
                        Webhooked.secretFile(folder))),
                SettledMessages.open(Optional.of(folder), "ci", clock.instant()),
                new WebhookMetrics(meters, "ci"),
                new Surroundings(receiver, thread.executor(), thread::nanoTime, () -> 0L, clock, readability));
    }

    /** Without a hold, subscribers are told before the webhook hears of it. */
    private Announcement announce(long revision) {
        Announcement announced =
                announcement("sw.example.org", revision, clock.instant().plusSeconds(seconds++));
        told = announced;
        queue.announced(announced);
        thread.run();
        return announced;
    }

    private void serve(String site, long revision) {
        replicas.put(site, status(site, announcement("sw.example.org", revision), null));
        queue.changed(SW);
        thread.run();
    }

    private static ReplicaStatus status(String site, Announcement served, @Nullable String error) {
        Manifest manifest = served.message().manifest();
        return new ReplicaStatus(
                site,
                RepositoryLocation.parse("http://" + site + "/cvmfs/sw.example.org"),
                manifest,
                ManualClock.START,
                ManualClock.START,
                null,
                error,
                error == null ? null : ManualClock.START,
                Optional.empty());
    }

    private double count(String outcome) {
        return meters.get("cvmfs_notify_webhook_messages")
                .tag("outcome", outcome)
                .counter()
                .count();
    }
}
