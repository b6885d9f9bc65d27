package io.jenkins.plugins.cvmfs.notify.client.transport;

import static io.jenkins.plugins.cvmfs.notify.client.transport.Outcomes.get;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash.ObjectKind;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebRepositoryReaderTest {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final ContentHash HASH = ContentHash.of(HashAlgorithm.SHA1, new byte[] {1});

    private final ManualTimer timer = new ManualTimer();
    private final Retrier retrier = new Retrier(timer);
    private final RepositoryReader reader = new RetryingRepositoryReader(
            new HttpSender(HTTP, "test"), Runnable::run, timer, retrier, Duration.ofSeconds(60));
    private ScriptedServer server;

    @AfterEach
    void stop() throws IOException {
        server.close();
        assertThat(server.failures()).isEmpty();
    }

    private RepositoryLocation serve(ScriptedServer.Script... scripts) throws IOException {
        server = ScriptedServer.start(scripts);
        return RepositoryLocation.parse(server.url("/cvmfs/atlas.cern.ch").toString());
    }

    @Test
    void theManifestIsReadFromTheRepositorysRoot() throws IOException {
        RepositoryLocation location =
                serve(ScriptedServer.answering(c -> c.answer(200, Samples.manifest(Samples.ATLAS, 7))));

        FetchedManifest manifest = get(reader.manifest(location, null));

        assertThat(manifest.manifest().revision()).isEqualTo(new Revision(7));
        assertThat(manifest.bytes()).isEqualTo(Samples.manifest(Samples.ATLAS, 7));
        assertThat(server.requestLines()).containsExactly("GET /cvmfs/atlas.cern.ch/.cvmfspublished HTTP/1.1");
        assertThat(server.connection(0).header("If-None-Match")).isEmpty();
        assertThat(server.connection(0).header("Cache-Control")).isEqualTo("max-age=0");
    }

    @Test
    void anUnchangedManifestIsNotSentAgain() throws IOException {
        RepositoryLocation location = serve(ScriptedServer.answering(c -> {
            if (c.header("If-None-Match").equals("\"r7\"")
                    && c.header("If-Modified-Since").equals("Thu, 26 Nov 2026 21:13:15 GMT")) {
                c.write("HTTP/1.1 304 Not Modified\r\n\r\n");
            } else {
                c.answer(
                        200,
                        Samples.manifest(Samples.ATLAS, 7),
                        "ETag: \"r7\"",
                        "Last-Modified: Thu, 26 Nov 2026 21:13:15 GMT");
            }
        }));
        FetchedManifest first = get(reader.manifest(location, null));

        FetchedManifest second = get(reader.manifest(location, first));

        assertThat(second).isSameAs(first);
    }

    @Test
    void aChangedManifestReplacesThePreviousOne() throws IOException {
        RepositoryLocation location = serve(ScriptedServer.answering(
                c -> c.answer(200, Samples.manifest(Samples.ATLAS, c.requests().size()), "ETag: \"x\"")));
        FetchedManifest first = get(reader.manifest(location, null));

        FetchedManifest second = get(reader.manifest(location, first));

        assertThat(second.manifest().revision()).isEqualTo(new Revision(2));
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 404, 410})
    void aMissingManifestIsNotFoundAndNotRetried(int status) throws IOException {
        RepositoryLocation location =
                serve(ScriptedServer.answering(c -> c.answer(status, "<html>nothing here</html>")));

        assertThatThrownBy(() -> get(reader.manifest(location, null)))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("/.cvmfspublished: no such file (" + status + ")");
        assertThat(server.requestLines()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"200, true", "404, false", "403, false"})
    void anObjectIsLookedUpByHead(int status, boolean present) throws IOException {
        RepositoryLocation location = serve(ScriptedServer.answering(
                c -> c.write("HTTP/1.1 %d X\r\nContent-Length: 4711\r\n\r\n".formatted(status))));

        assertThat(get(reader.objectPresent(location, HASH, ObjectKind.CATALOG)))
                .isEqualTo(present);
        assertThat(server.requestLines())
                .containsExactly("HEAD /cvmfs/atlas.cern.ch/" + HASH.objectPath(ObjectKind.CATALOG) + " HTTP/1.1");
    }

    @Test
    void aLostConnectionIsRetriedOnceAfterAPause() throws IOException {
        RepositoryLocation location = serve(
                connection -> {
                    connection.readRequest();
                    connection.write("HTTP/1.1 2");
                    connection.reset();
                },
                ScriptedServer.answering(c -> c.answer(200, Samples.manifest(Samples.ATLAS, 7))));
        CompletableFuture<FetchedManifest> manifest = reader.manifest(location, null);
        awaitPause();

        timer.advance(Duration.ofSeconds(1));

        assertThat(get(manifest).manifest().revision()).isEqualTo(new Revision(7));
    }

    @Test
    void aServerThatFailsTwiceIsReportedWithItsStatus() throws IOException {
        RepositoryLocation location = serve(ScriptedServer.answering(c -> c.answer(502, "")));
        CompletableFuture<FetchedManifest> manifest = reader.manifest(location, null);
        awaitPause();

        timer.advance(Duration.ofSeconds(1));

        assertThatThrownBy(() -> get(manifest))
                .isInstanceOf(TransientFailureException.class)
                .hasMessageContaining("502");
        assertThat(server.requestLines()).hasSize(2);
    }

    /** Until the first attempt has failed: then only the pause, at most 1 s, waits. */
    private void awaitPause() {
        await().until(
                        timer::delays,
                        delays -> delays.size() == 1 && delays.get(0).compareTo(Duration.ofSeconds(1)) <= 0);
    }

    @Test
    void anAnswerThatStallsHalfwayEndsAtTheTimeLimit() throws IOException {
        RepositoryLocation location = serve(connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nC0123");
            connection.awaitEnd();
        });
        CompletableFuture<FetchedManifest> manifest = reader.manifest(location, null);
        await().until(() -> !server.requestLines().isEmpty());

        timer.advance(Duration.ofSeconds(60));

        assertThatThrownBy(() -> get(manifest))
                .isInstanceOf(TransientFailureException.class)
                .hasMessageContaining(".cvmfspublished")
                .hasMessageContaining("no answer within 60 s");
        await().until(() -> server.connection(0).isEnded());
    }

    @Test
    void anIncompleteAnswerIsNoManifest() throws IOException {
        RepositoryLocation location = serve(connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nC0123");
        });
        CompletableFuture<FetchedManifest> manifest = reader.manifest(location, null);
        awaitPause();

        timer.advance(Duration.ofSeconds(1));

        assertThatThrownBy(() -> get(manifest)).isInstanceOf(TransientFailureException.class);
    }

    @Test
    void aRedirectIsRefusedAndTheErrorNamesItsTarget() throws IOException {
        RepositoryLocation location = serve(
                ScriptedServer.answering(c -> c.answer(302, "", "Location: http://evil.example.org/.cvmfspublished")));

        assertThatThrownBy(() -> get(reader.manifest(location, null)))
                .isInstanceOf(PermanentFailureException.class)
                .hasMessageContaining("redirects to host 'evil.example.org'");
        assertThat(server.requestLines()).hasSize(1);
    }

    @Test
    void anEndlessAnswerIsCutOff() throws IOException {
        RepositoryLocation location = serve(connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\n\r\n");
            while (true) {
                connection.write("x".repeat(1000));
            }
        });

        assertThatThrownBy(() -> get(reader.file(location, ".cvmfswhitelist", 100_000)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(".cvmfswhitelist: longer than the 100000 bytes");
        await().until(() -> server.connection(0).isEnded());
    }

    @Test
    void aFileOfExactlyTheAllowedLengthIsRead() throws IOException {
        RepositoryLocation location = serve(ScriptedServer.answering(c -> c.answer(200, "0123456789")));

        assertThat(reader.fileNow(location, "x", 10)).isEqualTo("0123456789".getBytes(UTF_8));
    }

    @Test
    void anInvalidManifestIsRefusedWithTheUrlAndTheReason() throws IOException {
        RepositoryLocation location = serve(ScriptedServer.answering(c -> c.answer(200, "<html>Welcome</html>")));

        assertThatThrownBy(() -> get(reader.manifest(location, null)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(server.url("/cvmfs/atlas.cern.ch/.cvmfspublished") + ": ");
    }

    @Test
    void aServerThatAsksForCredentialsRefuses() throws IOException {
        RepositoryLocation location = serve(ScriptedServer.answering(c -> c.answer(401, "")));

        assertThatThrownBy(() -> reader.fileNow(location, "x", 10))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("asks for valid credentials (401)");
    }

    @Test
    void cancellingEndsTheRequest() throws IOException {
        RepositoryLocation location = serve(connection -> {
            connection.readRequest();
            connection.awaitEnd();
        });
        CompletableFuture<FetchedManifest> manifest = reader.manifest(location, null);
        await().until(() -> !server.requestLines().isEmpty());

        manifest.cancel(true);

        await().until(() -> server.connection(0).isEnded());
        assertThat(timer.delays()).isEmpty();
    }

    @Test
    void closingTheNetworkCancelsRunningRequests() throws IOException {
        RepositoryLocation location = serve(ScriptedServer.SILENT);
        CompletableFuture<FetchedManifest> underWay = reader.manifest(location, null);

        retrier.close();

        assertThat(underWay).isCancelled();
        assertThat(reader.manifest(location, null)).isCancelled();
    }

    @ParameterizedTest
    @CsvSource({
        "/.cvmfs_status.json, '{\"last_snapshot\": \"Thu Nov 26 21:13:15 UTC 2026\", \"last_gc\": \"x\"}'",
        "/.cvmfs_last_snapshot, 'Thu Nov 26 21:13:15 UTC 2026'",
        "/.cvmfs_last_snapshot, 'Thu 26 Nov 2026 09:13:15 PM UTC'",
        "/.cvmfs_last_snapshot, 'Thu Nov 26 09:13:15 PM UTC 2026'"
    })
    void theLastSnapshotIsReadFromEitherFile(String path, String content) throws IOException {
        RepositoryLocation location = serve(ScriptedServer.answering(
                c -> c.answer(c.target().endsWith(path) ? 200 : 404, c.target().endsWith(path) ? content : "")));

        assertThat(get(reader.lastSnapshot(location))).contains(Instant.parse("2026-11-26T21:13:15Z"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "{\"last_snapshot\": 7}",
                "[",
                "<html>",
                "Thu Foo 26 21:13:15 UTC 2026",
                "Nov 31 99:99:99 2026"
            })
    void anUnreadableSnapshotTimeIsEmpty(String content) throws IOException {
        RepositoryLocation location = serve(ScriptedServer.answering(c -> c.answer(200, content)));

        assertThat(get(reader.lastSnapshot(location))).isEmpty();
    }

    @Test
    void aStratumZeroHasNoLastSnapshot() throws IOException {
        RepositoryLocation location = serve(ScriptedServer.answering(c -> c.answer(404, "")));

        assertThat(get(reader.lastSnapshot(location))).isEmpty();
        assertThat(server.requestLines()).hasSize(2);
    }
}
