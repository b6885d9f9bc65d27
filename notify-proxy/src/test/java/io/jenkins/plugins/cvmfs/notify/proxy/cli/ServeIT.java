package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.jenkins.plugins.cvmfs.notify.proxy.systemd.NotifySocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServeIT {

    @TempDir
    Path folder;

    @Test
    void itPrintsItsAddressAsItsOnlyLineAndServes() throws IOException, InterruptedException {
        try (JarProcess proxy = JarProcess.serve(folder)) {
            assertThat(get(proxy, "/readyz").statusCode()).isEqualTo(200);
            assertThat(proxy.out()).matches("listening on http://127\\.0\\.0\\.1:[0-9]+\n");
        }
    }

    @Test
    void outputThatCannotBeWrittenIsAnError() throws IOException, InterruptedException {
        List<String> onAFullDisk = List.of("bash", "-c", "\"$@\" > /dev/full", "bash");
        try (JarProcess command = JarProcess.under(onAFullDisk, Map.of(), folder, "version")) {
            assertThat(command.exitCode()).isEqualTo(70);
            assertThat(command.err()).startsWith("notify-proxy: cannot write to standard output: No space left");
        }
    }

    @Test
    void anAddressOfIpv6IsShort() throws IOException, InterruptedException {
        try (JarProcess proxy = JarProcess.serve(folder, "--bind", "::1")) {
            assertThat(get(proxy, "/readyz").statusCode()).isEqualTo(200);
            assertThat(proxy.out()).matches("listening on http://\\[::1]:[0-9]+\n");
        }
    }

    @Test
    void theLogCanBeOneJsonObjectALine() throws IOException, InterruptedException {
        try (JarProcess proxy = JarProcess.serve(folder, "--set", "log_format=json", "--log-level", "trace")) {
            assertThat(get(proxy, "/readyz").statusCode()).isEqualTo(200);
            proxy.stop();
            proxy.exitCode();

            assertThat(proxy.err().lines().toList()).isNotEmpty().allSatisfy(line -> {
                JsonNode event = new JsonMapper().readTree(line);
                assertThat(event.path("time").textValue()).endsWith("Z");
                assertThat(event.path("message").textValue()).isNotEmpty();
            });
            assertThat(proxy.err()).contains("\"message\":\"accepting connections\"");
        }
    }

    @Test
    void sigtermEndsItWithTheUsualExitCode() throws IOException, InterruptedException {
        try (JarProcess proxy = JarProcess.serve(folder)) {
            proxy.awaitErr("service started version=");
            proxy.stop();

            assertThat(proxy.exitCode()).isEqualTo(143);
            assertThat(proxy.err())
                    .containsPattern("service started version=\"[^\"]+\" commit=\"[^\"]+\" address=\"" + proxy.uri()
                            + "\" log=\"journal\" publish_without_credentials=\"everyone\"")
                    .contains("accepting connections address=\"127.0.0.1:")
                    .contains("service is stopping", "service stopped");
        }
    }

    @Test
    void sighupReloadsTheConfigurationAndAnInvalidOneChangesNothing() throws IOException, InterruptedException {
        Path config = Files.writeString(folder.resolve("config.json"), "{\"limits\": {\"idle_timeout\": \"2m\"}}");
        try (JarProcess proxy = JarProcess.serve(folder, "--config", config.toString())) {
            proxy.hangUp();
            proxy.awaitErr("changed=\"[]\"");
            Files.writeString(config, "{\"log_level\": \"debug\", \"limits\": {\"idle_timeout\": \"3m\"}}");
            proxy.hangUp();
            proxy.awaitErr("changed keys of the configuration take effect at the next restart");
            assertThat(proxy.err()).contains("changed=\"[log_level]\"", "changed=\"[limits.idle_timeout]\"");
            Files.writeString(config, "{\"log_level\": \"loud\"}");

            proxy.hangUp();

            proxy.awaitErr("not reloaded, the previous configuration stays in use");
            assertThat(proxy.err()).contains("log_level: 'loud' is not one of");
            assertThat(get(proxy, "/readyz").statusCode()).isEqualTo(200);
        }
    }

    /** A CVMFS client whose stream ends cleanly does not reconnect. */
    @Test
    void sigtermResetsTheStreamOfACvmfsClientInsteadOfEndingIt() throws IOException, InterruptedException {
        String subscription = "{\"version\":1,\"repository\":\"test.example.org\"}";
        String request =
                "GET /api/v1/notifications/subscribe HTTP/1.1\r\nHost: x\r\nUser-Agent: cvmfs/2.12.0\r\nContent-Length: "
                        + subscription.length() + "\r\n\r\n" + subscription;
        try (JarProcess proxy = JarProcess.serve(folder);
                Socket client =
                        new Socket(InetAddress.getLoopbackAddress(), proxy.uri().getPort())) {
            client.setSoTimeout((int) JarProcess.LIMIT.toMillis());
            client.getOutputStream().write(request.getBytes(US_ASCII));
            assertThat(client.getInputStream().read()).as("the answer begins").isEqualTo('H');

            proxy.stop();

            assertThatThrownBy(() -> client.getInputStream().readAllBytes())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
            assertThat(proxy.exitCode()).isEqualTo(143);
        }
    }

    @Test
    void systemdIsNotifiedWhenItIsReadyReloadsAndStops() throws IOException, InterruptedException {
        String path = folder.resolve("notify").toString();
        try (NotifySocket systemd = new NotifySocket(path);
                JarProcess proxy = JarProcess.under(
                        List.of(),
                        Map.of("NOTIFY_SOCKET", path, "WATCHDOG_USEC", "200000"),
                        folder,
                        "serve",
                        "--standalone",
                        "--port",
                        "0")) {
            Awaitility.await()
                    .atMost(JarProcess.LIMIT)
                    .until(() -> systemd.received().contains("WATCHDOG=1"));
            assertThat(systemd.received().get(0))
                    .isEqualTo("READY=1\nSTATUS=" + proxy.out().strip());

            proxy.hangUp();
            Awaitility.await()
                    .atMost(JarProcess.LIMIT)
                    .until(() -> systemd.received().containsAll(List.of("RELOADING=1", "READY=1")));

            proxy.stop();
            assertThat(proxy.exitCode()).isEqualTo(143);
            Awaitility.await()
                    .atMost(JarProcess.LIMIT)
                    .until(() -> systemd.received().contains("STOPPING=1"));
        }
    }

    @Test
    void aPortInUseIsReportedWithAHintAndAnExitCode() throws IOException, InterruptedException {
        try (JarProcess first = JarProcess.serve(folder);
                JarProcess second = JarProcess.start(
                        folder,
                        "serve",
                        "--standalone",
                        "--log-level",
                        "error",
                        "--port",
                        String.valueOf(first.uri().getPort()))) {
            assertThat(second.exitCode()).isEqualTo(4);
            assertThat(second.out()).isEmpty();
            assertThat(second.err().lines())
                    .hasSize(2)
                    .first()
                    .asString()
                    .startsWith("notify-proxy: ")
                    .contains("127.0.0.1", String.valueOf(first.uri().getPort()), "in use");
        }
    }

    @Test
    void aStateFolderInUseIsReportedInOneLineWithAnExitCode() throws IOException, InterruptedException {
        String state = folder.resolve("state").toString();
        try (JarProcess first = JarProcess.serve(folder, "--state-dir", state);
                JarProcess second = JarProcess.start(
                        folder, "serve", "--standalone", "--port", "0", "--log-level", "error", "--state-dir", state)) {
            assertThat(second.exitCode()).isEqualTo(4);
            assertThat(second.err()).startsWith("notify-proxy: ").contains(state);
            assertThat(first.handle().isAlive()).isTrue();
        }
    }

    @Test
    void anUnreachableBrokerMakesItUnreadyButItServes() throws IOException, InterruptedException {
        try (JarProcess proxy = JarProcess.start(
                folder,
                "serve",
                "--bind",
                "127.0.0.1",
                "--port",
                "0",
                "--set",
                "amqp.url=127.0.0.1",
                "--set",
                "amqp.port=1",
                "--set",
                "limits.drain_timeout=1s")) {
            proxy.awaitOut("listening on ");
            assertThat(get(proxy, "/healthz").statusCode()).isEqualTo(200);
            assertThat(get(proxy, "/readyz").statusCode()).isEqualTo(503);
            assertThat(get(proxy, "/readyz").body()).contains("announcements cannot be published");
            assertThat(get(proxy, "/metrics").body()).contains("\ncvmfs_notify_ready 0.0\n");

            proxy.stop();

            assertThat(proxy.exitCode()).isEqualTo(143);
        }
    }

    @Test
    void anInvalidConfigurationIsReportedWithAllErrors() throws IOException, InterruptedException {
        Path config = Files.writeString(folder.resolve("config.json"), "{\"port\": -1, \"prot\": 1}");
        try (JarProcess proxy = JarProcess.start(folder, "serve", "--config", config.toString())) {
            assertThat(proxy.exitCode()).isEqualTo(1);
            assertThat(proxy.err().lines())
                    .filteredOn(line -> line.startsWith("notify-proxy: "))
                    .hasSize(2);
        }
    }

    private static HttpResponse<String> get(JarProcess proxy, String path) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(proxy.uri().resolve(path)).build(), BodyHandlers.ofString());
    }
}
