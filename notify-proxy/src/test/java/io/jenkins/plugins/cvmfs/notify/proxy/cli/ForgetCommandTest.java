package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ForgetCommandTest {

    private static final String NAME = "old.example.org";

    private final List<String> paths = new CopyOnWriteArrayList<>();
    private volatile int status = 200;
    private volatile String body = "";
    private HttpServer server;

    @BeforeEach
    void startServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            paths.add(exchange.getRequestURI().getPath());
            exchange.sendResponseHeaders(status, body.isEmpty() ? -1 : body.length());
            exchange.getResponseBody().write(body.getBytes(UTF_8));
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stopServer() {
        server.stop(0);
    }

    private CommandRun forget(String path) {
        return CommandRun.of(
                "forget", "-u", "http://127.0.0.1:" + server.getAddress().getPort() + path, NAME);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/api/v1",
                "/api/v1/subscribe",
                "/api/v1/publish",
                "/api/v1/notifications",
                "/api/v1/notifications/publish"
            })
    void everyFormOfTheServersAddressIsAccepted(String path) {
        assertThat(forget(path).exitCode()).isZero();

        assertThat(paths).containsExactly("/api/v1/repositories/old.example.org/forget");
    }

    @Test
    void anUnknownRepositoryIsNoFailure() {
        status = 404;
        body = "{\"status\":\"error\",\"reason\":\"unknown_repository\"}";

        CommandRun run = forget("/api/v1");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).startsWith("old.example.org was unknown to http://127.0.0.1:");
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void aMissingRightIsReportedWithAHintAtTheToken(int missing) {
        status = missing;

        CommandRun run = forget("/api/v1");

        assertThat(run.exitCode()).isEqualTo(ExitCode.PUBLISH_FAILED);
        assertThat(run.err()).contains("(%d)".formatted(missing), "Give a token with the right 'forget'");
    }

    @Test
    void anotherFailureHasNoHintAtTheToken() {
        status = 503;

        CommandRun run = forget("/api/v1");

        assertThat(run.exitCode()).isEqualTo(ExitCode.PUBLISH_FAILED);
        assertThat(run.err()).contains("(503)", "The server is up").doesNotContain("token");
    }
}
