package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A CVMFS client whose stream breaks tries again eleven times within a quarter of a second and then gives up until it is mounted
 * again. A restart takes longer; so a client that connects meanwhile must be kept waiting, never refused.
 */
class RestartIT {

    private static final int RESTARTS = 3;
    private static final int CLIENTS = 4;

    @TempDir
    Path folder;

    @Test
    void noConnectionIsRefusedDuringRestarts() throws IOException, InterruptedException, ExecutionException {
        AtomicInteger answers = new AtomicInteger();
        AtomicInteger refusals = new AtomicInteger();
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try (SocketKeeper keeper = SocketKeeper.keeping(folder, Map.of(), "serve", "--standalone")) {
            int port = keeper.port();
            List<CompletableFuture<Void>> running = IntStream.range(0, CLIENTS)
                    .mapToObj(i -> CompletableFuture.runAsync(
                            () -> {
                                while (!done.get()) {
                                    ask(port, answers, refusals);
                                }
                            },
                            clients))
                    .toList();

            for (int i = 0; i < RESTARTS; i++) {
                int before = answers.get();
                keeper.restart();
                Awaitility.await("answers of the next service")
                        .atMost(JarProcess.LIMIT)
                        .until(() -> answers.get() > before + CLIENTS);
            }
            done.set(true);
            CompletableFuture.allOf(running.toArray(CompletableFuture<?>[]::new))
                    .get();
        } finally {
            done.set(true);
            clients.shutdown();
            assertThat(clients.awaitTermination(JarProcess.LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
        }

        assertThat(refusals).hasValue(0);
    }

    /** What was connected to the service that stops may be reset; only a refusal would count against a client's eleven tries. */
    private static void ask(int port, AtomicInteger answers, AtomicInteger refusals) {
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
            client.setSoTimeout((int) JarProcess.LIMIT.toMillis());
            client.getOutputStream().write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII));
            if (client.getInputStream().read() == 'H') {
                answers.incrementAndGet();
            }
        } catch (ConnectException e) {
            refusals.incrementAndGet();
        } catch (IOException e) {
            // reset by the service that stopped
        }
    }

    @Test
    void aCvmfsClientIsStillSubscribedAfterRestarts() throws IOException, InterruptedException {
        try (SocketKeeper keeper = SocketKeeper.keeping(
                folder, Map.of("CVMFS_NOTIFY_ACCESS_ANONYMOUS_PUBLISH", "everyone"), "serve", "--standalone")) {
            ImpatientClient client = new ImpatientClient(keeper.port(), "test.example.org");
            Thread running = new Thread(client, "impatient client");
            running.setDaemon(true);
            running.start();
            awaitSubscribed(client);

            for (int i = 0; i < RESTARTS - 1; i++) {
                keeper.restart();
                awaitSubscribed(client);
            }
            publish(keeper.port());

            running.join(JarProcess.LIMIT.toMillis());
            assertThat(client.received())
                    .as(client.toString())
                    .startsWith("data: {")
                    .contains("test.example.org");
        }
    }

    private static void awaitSubscribed(ImpatientClient client) {
        Awaitility.await("subscription; the client " + client)
                .atMost(JarProcess.LIMIT)
                .until(client::isSubscribed);
    }

    private static void publish(int port) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/api/v1/publish".formatted(port)))
                .POST(HttpRequest.BodyPublishers.ofByteArray(
                        Announcements.of("test.example.org", 1).raw()))
                .build();
        int status = HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.discarding())
                .statusCode();
        assertThat(status).isEqualTo(200);
    }

    /** Accepting on it would block an event loop forever. */
    @Test
    void aBlockingSocketIsRefusedWithTheSettingThatHelps() throws IOException, InterruptedException {
        try (SocketKeeper keeper = SocketKeeper.blocking(folder, "serve", "--standalone")) {
            assertThat(keeper.process().exitCode()).isZero();
            assertThat(keeper.process().err()).contains("NonBlocking=yes");
        }
    }
}
