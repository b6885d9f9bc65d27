package io.jenkins.plugins.cvmfs.notify.client.waiting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateOutcome;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.PollSchedule;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.gate.StalePolicy;
import io.jenkins.plugins.cvmfs.notify.client.gate.Target;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash.ObjectKind;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationSubscriber;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriptionListener;
import java.io.IOException;
import java.net.ProxySelector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real reader on a signed repository behind a real web server, and in a folder. */
class RealReplicasTest {

    private static final PollSchedule QUICK = new PollSchedule(
            Duration.ofMillis(50),
            Duration.ofMillis(50),
            Duration.ofMillis(20),
            Duration.ofMillis(5),
            Duration.ofMillis(1),
            Duration.ofMillis(20),
            Duration.ofSeconds(30),
            Duration.ofMillis(1));

    @TempDir
    private Path folder;

    private SampleRepository repository;
    private FolderServer web;
    private Network network;
    private WaitService service;

    @BeforeEach
    void publishRevision1() throws IOException {
        repository = SampleRepository.create(
                folder.resolve("stratum0"),
                new RepositoryName("sw.example.org"),
                HashAlgorithm.SHAKE128,
                Clock.systemUTC());
        repository.snapshotTo(folder.resolve("site-a"));
        repository.snapshotTo(folder.resolve("site-b"));
        web = new FolderServer(folder);
        network = Network.builder().proxy(ProxySelector.of(null)).build();
        WaitSettings settings = WaitSettings.DEFAULT.withSchedule(QUICK);
        service = new WaitService(
                network.repositoryReader(), RealReplicasTest::noServer, settings, Clock.systemUTC(), new Random(1));
    }

    @AfterEach
    void closeEverything() {
        service.close();
        network.close();
        web.close();
    }

    @Test
    void waitsUntilBothReplicasServeTheRevisionAndAsksWithConditionalRequests() {
        // Given revision 2 on the stratum 0 only
        Manifest published = repository.publish();
        Wait waiting =
                service.start(condition(published, web.url("site-a"), web.url("site-b")), null, ProgressListener.NONE);
        await().until(() -> web.log().contains("GET /site-a/.cvmfspublished 304"));
        repository.snapshotTo(folder.resolve("site-a"));
        await().until(() -> waiting.report().counted() == 1);

        // When
        repository.snapshotTo(folder.resolve("site-b"));

        // Then
        GateReport report = waiting.result().join();
        assertThat(report.outcome()).isEqualTo(GateOutcome.REACHED);
        String catalog = published.rootCatalog().objectPath(ObjectKind.CATALOG);
        assertThat(web.log()).contains("HEAD /site-a/" + catalog + " 200", "HEAD /site-b/" + catalog + " 200");
        assertThat(report.replicas()).allSatisfy(replica -> {
            assertThat(replica.state().served().revision()).isEqualTo(published.revision());
            assertThat(replica.sincePublication()).isNotNull();
        });
    }

    @Test
    void aReplicaWithoutTheRootCatalogDoesNotCount() throws IOException {
        // Given a replica whose manifest came before its objects
        Manifest published = repository.publish();
        Path catalog = folder.resolve("site-a").resolve(published.rootCatalog().objectPath(ObjectKind.CATALOG));
        repository.snapshotTo(folder.resolve("site-a"));
        Files.delete(catalog);
        Wait waiting = service.start(condition(published, web.url("site-a")), null, ProgressListener.NONE);
        await().until(() -> waiting.report().missing().contains("its root catalog is not there"));

        // When
        repository.snapshotTo(folder.resolve("site-a"));

        // Then
        assertThat(waiting.result().join().outcome()).isEqualTo(GateOutcome.REACHED);
    }

    @Test
    void aFolderIsAReplicaToo() {
        Manifest published = repository.publish();

        Wait waiting =
                service.start(condition(published, folder.resolve("stratum0").toString()), null, ProgressListener.NONE);

        assertThat(waiting.result().join().outcome()).isEqualTo(GateOutcome.REACHED);
    }

    @Test
    void aLaggingReplicaSaysWhenItsLastSnapshotWas() {
        Manifest published = repository.publish();

        Wait waiting = service.start(condition(published, web.url("site-a")), null, ProgressListener.NONE);

        await().until(() -> waiting.report().missing().contains("site-0 serves revision 1, last snapshot"));
    }

    @Test
    void whatIsMissingIsSaidInWords() {
        Manifest published = repository.publish();

        Wait waiting = service.start(condition(published, web.url("site-c")), null, ProgressListener.NONE);

        await().until(() -> waiting.report().missing().contains("site-0 cannot be read: "));
        assertThat(waiting.report().missing()).contains("/site-c/.cvmfspublished");
    }

    private static NotificationSubscriber noServer(SubscriberSettings settings, SubscriptionListener listener) {
        throw new AssertionError("these gates have no server");
    }

    private static Condition condition(Manifest published, String... locations) {
        List<Replica> replicas = IntStream.range(0, locations.length)
                .mapToObj(i -> new Replica("site-" + i, locations[i]))
                .toList();
        return new Condition(
                new RepositoryName("sw.example.org"),
                new Target.AtLeast(published.revision()),
                replicas,
                Requirement.ALL,
                StalePolicy.WAIT,
                Clock.systemUTC().instant().plus(Duration.ofMinutes(10)),
                published.publishedAt());
    }
}
