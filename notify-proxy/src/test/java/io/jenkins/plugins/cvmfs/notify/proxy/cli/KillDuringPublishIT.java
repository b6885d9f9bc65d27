package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An announcement answered with 200 survives kill -9 at any time. */
class KillDuringPublishIT {

    private static final int PUBLISHERS = 4;
    private static final int BEFORE_THE_KILL = 400;

    @TempDir
    Path folder;

    private final HttpClient http = HttpClient.newHttpClient();

    @RepeatedTest(3)
    void nothingAcknowledgedIsLost() throws IOException, InterruptedException {
        // Given publishers that announce one revision after the other, each of its own repository
        String state = folder.resolve("state").toString();
        CountDownLatch acknowledgements = new CountDownLatch(BEFORE_THE_KILL);
        List<CompletableFuture<Long>> publishers;
        try (JarProcess proxy = JarProcess.serve(folder, "--state-dir", state)) {
            URI publish = URI.create(proxy.server() + "/publish");
            publishers = IntStream.range(0, PUBLISHERS)
                    .mapToObj(number -> CompletableFuture.supplyAsync(
                            () -> lastAcknowledged(publish, repository(number), acknowledgements)))
                    .toList();
            assertThat(acknowledgements.await(JarProcess.LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();

            // When it is killed between two of them
            proxy.kill();
        }

        // Then the next one on the same folder knows every revision that was acknowledged
        try (JarProcess next = JarProcess.serve(folder, "--state-dir", state)) {
            for (int number = 0; number < PUBLISHERS; number++) {
                long acknowledged = publishers.get(number).join();
                assertThat(acknowledged).isPositive();
                assertThat(revision(next, repository(number))).isGreaterThanOrEqualTo(acknowledged);
            }
        }
    }

    @Test
    void withoutAFolderARestartForgets() throws IOException, InterruptedException {
        try (JarProcess proxy = JarProcess.serve(folder)) {
            assertThat(publish(URI.create(proxy.server() + "/publish"), repository(1), 1))
                    .isEqualTo(200);
        }

        try (JarProcess next = JarProcess.serve(folder)) {
            assertThat(describe(next, repository(1)).statusCode()).isEqualTo(404);
        }
    }

    private long lastAcknowledged(URI publish, String repository, CountDownLatch acknowledgements) {
        long revision = 0;
        try {
            while (publish(publish, repository, revision + 1) == 200) {
                revision++;
                acknowledgements.countDown();
            }
            throw new AssertionError("refused before the kill");
        } catch (IOException killed) {
            return revision;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private int publish(URI publish, String repository, long revision) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(publish)
                .POST(BodyPublishers.ofByteArray(
                        Announcements.of(repository, revision).raw()))
                .build();
        return http.send(request, BodyHandlers.discarding()).statusCode();
    }

    private long revision(JarProcess proxy, String repository) throws IOException, InterruptedException {
        HttpResponse<String> reply = describe(proxy, repository);
        assertThat(reply.statusCode()).isEqualTo(200);
        return new JsonMapper().readTree(reply.body()).path("revision").asLong();
    }

    private HttpResponse<String> describe(JarProcess proxy, String repository)
            throws IOException, InterruptedException {
        URI uri = URI.create(proxy.server() + "/repositories/" + repository);
        return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }

    private static String repository(int number) {
        return "repository%d.example.org".formatted(number);
    }
}
