package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command against a real service, over a restart. */
class ForgetIT {

    private static final String NAME = "gone.example.org";

    @TempDir
    Path folder;

    @Test
    void aForgottenRepositoryStaysForgottenAfterARestart() throws IOException, InterruptedException {
        String entry = mintToken();
        Path config = Files.writeString(folder.resolve("config.json"), """
                {"standalone": true, "state_dir": "%s", "port": 0, "bind": "127.0.0.1",
                 "access": {"anonymous_publish": "everyone", "tokens": [%s]}}
                """.formatted(folder.resolve("state"), entry));
        try (JarProcess service = serve(config)) {
            publish(service);
            assertThat(statusOf(service)).isEqualTo(200);
            assertThat(forget(service, folder.resolve("other.token")).exitCode())
                    .isEqualTo(9);
            JarProcess forgetting = forget(service, folder.resolve("admin.token"));
            assertThat(forgetting.exitCode()).as(forgetting.err()).isZero();
            assertThat(forgetting.out()).isEqualToIgnoringNewLines("forgot " + NAME);
            service.kill();
        }

        try (JarProcess service = serve(config)) {
            assertThat(statusOf(service)).isEqualTo(404);
            assertThat(forget(service, folder.resolve("admin.token")).out()).contains("was unknown");
        }
    }

    private String mintToken() throws IOException, InterruptedException {
        Files.writeString(folder.resolve("other.token"), "cvmfs-notify_aaaaaaaa_" + "A".repeat(43) + "\n");
        Path token = folder.resolve("admin.token");
        try (JarProcess minting = JarProcess.start(
                folder, "token", "--name", "admin", "--forget", "*", "--json", "--token-file", token.toString())) {
            assertThat(minting.exitCode()).as(minting.err()).isZero();
            return new ObjectMapper().readTree(minting.out()).get("entry").toString();
        }
    }

    private JarProcess serve(Path config) throws IOException {
        return JarProcess.serve(folder, "--config", config.toString());
    }

    private JarProcess forget(JarProcess service, Path token) throws IOException, InterruptedException {
        JarProcess forgetting = JarProcess.under(
                List.of(), Map.of(), folder, "forget", "-u", service.server(), "--token-file", token.toString(), NAME);
        forgetting.exitCode();
        return forgetting;
    }

    private static void publish(JarProcess service) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(service.uri() + "/api/v1/publish"))
                .POST(HttpRequest.BodyPublishers.ofByteArray(
                        Announcements.of(NAME, 1).raw()))
                .build();
        assertThat(send(request)).isEqualTo(200);
    }

    private static int statusOf(JarProcess service) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(service.uri() + "/api/v1/repositories/" + NAME))
                .build());
    }

    private static int send(HttpRequest request) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }
}
