package io.jenkins.plugins.cvmfs.notify.proxy.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TokenHash;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Activities;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** docs/api/asyncapi.json against a running server: every message of every channel passes once, and is as described. */
class AsyncApiTest {

    private static final ApiDocument API = ApiDocument.read("asyncapi.json");
    private static final String NAME = "known.example.org";
    private static final String SUBSCRIPTION = "{\"version\":1,\"repository\":\"%s\"}".formatted(NAME);
    private static final long PATIENCE_SECONDS = 60;

    private final Set<String> exercised = new TreeSet<>();
    private DescribedProxy proxy;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        proxy = DescribedProxy.standalone();
        publish(1);
    }

    @AfterEach
    void stop() {
        proxy.close();
    }

    @Test
    void everyMessageOfEveryChannelIsAsDescribed() throws IOException, InterruptedException {
        webSocket();
        eventStream();
        eventStreamByBody();

        assertThat(exercised).isEqualTo(described());
    }

    private void webSocket() throws InterruptedException {
        Inbox inbox = new Inbox();
        WebSocket socket = proxy.http()
                .newWebSocketBuilder()
                .buildAsync(URI.create("ws://" + proxy.address() + address("webSocket")), inbox)
                .join();
        send("webSocket", "subscription", SUBSCRIPTION);
        socket.sendText(SUBSCRIPTION, true).join();
        check("webSocket", "activity", inbox.next());
        for (String wrong : new String[] {"{", "{}"}) {
            socket.sendText(wrong, true).join();
            check("webSocket", "refusal", inbox.next());
        }
        socket.abort();
    }

    /** A subscription for which the right is missing. */
    @Test
    void aRefusedSubscriptionIsAsDescribed() throws IOException, InterruptedException {
        Inbox inbox = new Inbox();
        try (DescribedProxy guarded = DescribedProxy.guarded(TokenHash.mint().hash())) {
            WebSocket socket = guarded.http()
                    .newWebSocketBuilder()
                    .buildAsync(URI.create("ws://" + guarded.address() + address("webSocket")), inbox)
                    .join();
            socket.sendText(SUBSCRIPTION, true).join();
            String refusal = inbox.next();
            check("webSocket", "refusal", refusal);
            assertThat(ApiDocument.json(refusal).path("right").textValue()).isEqualTo("subscribe");
            socket.abort();
        }
    }

    private void eventStream() throws IOException, InterruptedException {
        try (BufferedReader lines = stream("GET", address("eventStream") + "?repository=" + NAME, "")) {
            check("eventStream", "activity", after(lines, "data: "));
        }
    }

    private void eventStreamByBody() throws IOException, InterruptedException {
        send("eventStreamByBody", "subscription", SUBSCRIPTION);
        try (BufferedReader lines = stream("GET", address("eventStreamByBody"), SUBSCRIPTION)) {
            check("eventStreamByBody", "activity", after(lines, "data: "));
        }
    }

    private BufferedReader stream(String method, String target, String body, String... headers)
            throws IOException, InterruptedException {
        return new BufferedReader(
                new InputStreamReader(proxy.send(method, target, body, headers).body(), UTF_8));
    }

    private static String after(BufferedReader lines, String prefix) throws IOException {
        String line = lines.readLine();
        while (line != null && !line.startsWith(prefix)) {
            line = lines.readLine();
        }
        assertThat(line)
                .as("the stream goes on to a line that begins with " + prefix)
                .isNotNull();
        return line.substring(prefix.length());
    }

    private void publish(long revision) throws IOException, InterruptedException {
        String message = new String(Activities.message(NAME, revision).raw(), UTF_8);
        assertThat(proxy.send("POST", "/api/v1/publish", message).statusCode()).isEqualTo(200);
    }

    private static String address(String channel) {
        return API.root().path("channels").path(channel).path("address").textValue();
    }

    /** What a client sends has to be as described as well. */
    private void send(String channel, String message, String text) {
        check(channel, message, text);
    }

    private void check(String channel, String message, String text) {
        JsonNode described = API.resolve(
                API.root().path("channels").path(channel).path("messages").path(message));
        API.assertMatches(described.path("payload"), ApiDocument.json(text));
        exercised.add(channel + " " + message);
    }

    private static Set<String> described() {
        Set<String> all = new TreeSet<>();
        API.root()
                .path("operations")
                .forEach(operation -> operation.path("messages").forEach(message -> {
                    String[] steps = message.path("$ref").textValue().split("/", -1);
                    assertThat(API.resolve(message).has("payload")).isTrue();
                    all.add(steps[2] + " " + steps[4]);
                }));
        API.root()
                .path("channels")
                .properties()
                .forEach(channel -> channel.getValue()
                        .path("messages")
                        .fieldNames()
                        .forEachRemaining(name -> assertThat(all).contains(channel.getKey() + " " + name)));
        return all;
    }

    /** What comes through a WebSocket. */
    private static final class Inbox implements WebSocket.Listener {

        private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
        private final StringBuilder parts = new StringBuilder();

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            parts.append(UTF_8.decode(data));
            if (last) {
                messages.add(parts.toString());
                parts.setLength(0);
            }
            return WebSocket.Listener.super.onBinary(socket, data, last);
        }

        String next() throws InterruptedException {
            String message = messages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(message).as("a message comes").isNotNull();
            return message;
        }
    }
}
