package io.jenkins.plugins.cvmfs.notify.proxy.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.ServerBusyException;
import io.jenkins.plugins.cvmfs.notify.proxy.ManualClock;
import io.jenkins.plugins.cvmfs.notify.proxy.webhook.Webhook.Message;
import io.jenkins.plugins.cvmfs.notify.proxy.webhook.WebhookClient.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The client with a real server on the loopback. */
class WebhookClientTest {

    private final WebhookClient client = new WebhookClient.OverHttp(new ManualClock());
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
    }

    @AfterEach
    void stop() {
        client.close();
        server.stop(0);
    }

    @Test
    void aMessageArrivesAsItIsSigned() {
        answer("/hook", exchange -> {
            requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("Webhook-Id") + " "
                    + exchange.getRequestHeaders().get("Content-Type") + " "
                    + new String(exchange.getRequestBody().readAllBytes(), UTF_8));
            exchange.sendResponseHeaders(204, -1);
        });

        assertThat(send("/hook?a=b", true)).isEqualTo(new Answer(204, Duration.ZERO));
        assertThat(requests).containsExactly("POST /hook?a=b msg_1 [text/plain] {}");
    }

    @Test
    void aRedirectIsNotFollowed() {
        answer("/elsewhere", exchange -> {
            requests.add("elsewhere");
            exchange.sendResponseHeaders(204, -1);
        });
        answer("/hook", exchange -> {
            exchange.getResponseHeaders().set("Location", "/elsewhere");
            exchange.sendResponseHeaders(307, -1);
        });

        assertThat(send("/hook", true).status()).isEqualTo(307);
        assertThat(requests).isEmpty();
    }

    @Test
    void theLoopbackIsRefusedUnlessItIsAllowedAndNoConnectionIsMade() {
        answer("/hook", exchange -> {
            requests.add("hook");
            exchange.sendResponseHeaders(204, -1);
        });

        assertThatThrownBy(() -> send("/hook", false))
                .isInstanceOf(CompletionException.class)
                .satisfies(
                        e -> assertThat(WebhookClient.problem(e)).contains("127.0.0.1 is private; set allow_private"));
        assertThat(requests).isEmpty();
        assertThat(send("/hook", true).status()).isEqualTo(204);
        assertThatThrownBy(() -> send("/hook", false))
                .as("no connection that another webhook may use is shared")
                .isInstanceOf(CompletionException.class);
        assertThat(requests).hasSize(1);
    }

    @Test
    void anAnswerToACredentialThatIsRefusedIsAnAnswer() {
        answer("/hook", exchange -> {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"x\"");
            exchange.getResponseHeaders().set("Retry-After", "7");
            exchange.sendResponseHeaders(401, -1);
        });

        assertThat(send("/hook", true)).isEqualTo(new Answer(401, Duration.ofSeconds(7)));
    }

    @Test
    void aReceiverThatDoesNotAnswerFailsInTime() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            URI url = URI.create("http://127.0.0.1:%d/".formatted(silent.getLocalPort()));

            assertThatThrownBy(() -> client.send(message(url, true, Duration.ofMillis(200)))
                            .join())
                    .satisfies(e -> assertThat(WebhookClient.problem(e)).isEqualTo("no complete answer in time"));
        }
    }

    @Test
    void aReceiverThatIsDownIsNamedSo() throws IOException {
        // Nothing listens on the port, and nothing else can while it is bound.
        try (Socket bound = new Socket()) {
            bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            URI url = URI.create("http://127.0.0.1:%d/".formatted(bound.getLocalPort()));

            assertThatThrownBy(() -> client.send(message(url, true, Duration.ofSeconds(5)))
                            .join())
                    .satisfies(e -> assertThat(WebhookClient.problem(e)).isEqualTo("the connection is refused"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "17, 17",
        "'Mon, 23 Nov 2026 12:00:30 GMT', 30",
        "'Mon, 23 Nov 2026 11:00:00 GMT', 0",
        "soon, 0",
        "-5, 0"
    })
    void retryAfterIsSecondsOrADate(String value, long seconds) {
        assertThat(ServerBusyException.retryAfter(value, ManualClock.START)).hasSeconds(seconds);
    }

    private void answer(String path, HttpHandler handler) {
        server.createContext(path, (HttpExchange exchange) -> {
            try (exchange) {
                handler.handle(exchange);
            }
        });
    }

    private Answer send(String path, boolean allowPrivate) {
        URI url =
                URI.create("http://127.0.0.1:%d%s".formatted(server.getAddress().getPort(), path));
        return client.send(message(url, allowPrivate, Duration.ofSeconds(20))).join();
    }

    private static Message message(URI url, boolean allowPrivate, Duration timeout) {
        return new Message(url, "text/plain", "{}", Map.of("webhook-id", "msg_1"), timeout, allowPrivate);
    }
}
