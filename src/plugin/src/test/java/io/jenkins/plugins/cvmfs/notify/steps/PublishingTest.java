package io.jenkins.plugins.cvmfs.notify.steps;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.protocol.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationPublisher;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.PublisherSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import io.jenkins.plugins.cvmfs.notify.client.transport.TokenSource;
import io.jenkins.plugins.cvmfs.notify.config.Directory;
import io.jenkins.plugins.cvmfs.notify.config.RepositoryEntry;
import io.jenkins.plugins.cvmfs.notify.config.ServerEntry;
import io.jenkins.plugins.cvmfs.notify.connection.ServerSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a web server that serves a real signed repository, and takes announcements as the test says. */
final class PublishingTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-24T10:00:00Z"), ZoneOffset.UTC);
    private static final PublishRequest BY_NAME = new PublishRequest("sw.example.org", null, null, null, true);

    @TempDir
    private Path folder;

    private final RecordingBuild build = new RecordingBuild();
    private final List<byte[]> taken = new CopyOnWriteArrayList<>();
    private final Queue<Integer> refusals = new ConcurrentLinkedQueue<>();
    private final Network network = Network.builder().build();
    private final RepositoryEntry entry = new RepositoryEntry("sw.example.org");

    private SampleRepository repository;
    private HttpServer web;
    private Directory directory;

    @BeforeEach
    void open() throws IOException {
        repository = SampleRepository.create(
                folder.resolve("zero"), new RepositoryName("sw.example.org"), HashAlgorithm.SHA1, CLOCK);
        web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        web.createContext("/zero/", exchange -> {
            Path file = folder.resolve(exchange.getRequestURI().getPath().substring(1));
            byte[] bytes = Files.isRegularFile(file) ? Files.readAllBytes(file) : new byte[0];
            exchange.sendResponseHeaders(bytes.length == 0 ? 404 : 200, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        web.createContext("/api/v1/publish", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            Integer refusal = refusals.poll();
            if (refusal == null) {
                taken.add(body);
            } else {
                exchange.getResponseHeaders().set("Retry-After", "0");
            }
            byte[] answer = (refusal == null ? "{\"status\":\"ok\"}" : "{\"reason\":\"busy\",\"status\":\"error\"}")
                    .getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(refusal == null ? 200 : refusal, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        web.start();
        String url = "http://127.0.0.1:" + web.getAddress().getPort();
        entry.setStratum0(url + "/zero");
        entry.setMasterKeys(repository.masterKeyPem());
        directory = new Directory(List.of(new ServerEntry("main", url + "/api/v1")), List.of(entry), false);
    }

    @AfterEach
    void close() {
        network.close();
        web.stop(0);
    }

    private Publishing publishing(PublishState state) {
        return new Publishing(state, build, new Outside(), CLOCK);
    }

    private Ending end() {
        Awaitility.await().until(() -> !build.endings.isEmpty());
        return build.endings.get(0);
    }

    @Test
    void aVerifiedManifestIsAnnouncedAndIsTheValueOfTheStep() {
        // Given
        PublishState state = BY_NAME.begin(directory, CLOCK.instant());

        // When
        publishing(state).begin(directory);

        // Then
        PublishedRevision value = (PublishedRevision) ((Ending.Success) end()).value();
        assertThat(value.getRepository()).isEqualTo("sw.example.org");
        assertThat(value.getRevision()).isEqualTo(1);
        assertThat(value.getRootHash())
                .isEqualTo(repository.manifest().rootCatalog().toString());
        assertThat(value.getServer()).isEqualTo("main");
        assertThat(ActivityMessage.parse(taken.get(0)).manifestBytes()).isEqualTo(repository.manifestBytes());
        assertThat(build.log).anyMatch(line -> line.startsWith("verified: signed by"));
        assertThat(state.manifest()).isEqualTo(repository.manifestBytes());
        assertThat(build.saves).hasValue(1);
    }

    @Test
    void aBusyServerIsTriedAgain() {
        // Given
        refusals.add(503);
        refusals.add(503);

        // When
        publishing(BY_NAME.begin(directory, CLOCK.instant())).begin(directory);

        // Then
        assertThat(end()).isInstanceOf(Ending.Success.class);
        assertThat(build.log).last().asString().endsWith("attempts: 3");
    }

    @Test
    void afterARestartTheSameManifestIsAnnouncedThoughTheRepositoryHasMovedOn() {
        // Given
        PublishState state = BY_NAME.begin(directory, CLOCK.instant());
        state.accept(repository.manifestBytes());
        repository.publish();

        // When
        publishing(state).begin(directory);

        // Then
        assertThat(((PublishedRevision) ((Ending.Success) end()).value()).getRevision())
                .isEqualTo(1);
    }

    @Test
    void aManifestOfForeignKeysIsNotAnnounced() {
        // Given
        SampleRepository foreign = SampleRepository.create(
                folder.resolve("foreign"), new RepositoryName("sw.example.org"), HashAlgorithm.SHA1, CLOCK);
        entry.setMasterKeys(foreign.masterKeyPem());

        // When
        publishing(BY_NAME.begin(directory, CLOCK.instant())).begin(directory);

        // Then
        assertThat(end()).isInstanceOf(Ending.Failure.class);
        assertThat(build.failure()).startsWith("the manifest is not announced: ");
        assertThat(taken).isEmpty();
    }

    @Test
    void withoutMasterKeysTheLogSaysThatNothingWasVerified() {
        // Given
        entry.setMasterKeys(null);

        // When
        publishing(BY_NAME.begin(directory, CLOCK.instant())).begin(directory);

        // Then
        assertThat(end()).isInstanceOf(Ending.Success.class);
        assertThat(build.log).contains("not verified: no master key is configured");
    }

    @Test
    void aMissingRepositoryFailsTheStep() throws IOException {
        // Given
        Files.delete(folder.resolve("zero/.cvmfspublished"));

        // When
        publishing(BY_NAME.begin(directory, CLOCK.instant())).begin(directory);

        // Then
        assertThat(end()).isInstanceOf(Ending.Failure.class);
        assertThat(build.failure()).contains("/zero/.cvmfspublished");
    }

    @Test
    void aStoppedPublishTellsTheBuildNothingMore() {
        // Given
        Publishing publishing = publishing(BY_NAME.begin(directory, CLOCK.instant()));
        publishing.stop();

        // When
        publishing.begin(directory);

        // Then
        assertThat(build.endings).isEmpty();
        assertThat(taken).isEmpty();
    }

    /** The real network; what may block runs at once. */
    private final class Outside implements PublishOutside {

        @Override
        public RepositoryReader reader() {
            return network.repositoryReader();
        }

        @Override
        public NotificationPublisher publisher(ServerSettings server, Duration timeLimit) {
            return network.publisher(
                    new PublisherSettings(NotificationServer.parse(server.url()), TokenSource.NONE, timeLimit));
        }

        @Override
        public byte[] workspaceFile(String path) {
            throw new AssertionError("there is no workspace");
        }

        @Override
        public Executor threads() {
            return task -> new Thread(task, "may-block").start();
        }
    }
}
