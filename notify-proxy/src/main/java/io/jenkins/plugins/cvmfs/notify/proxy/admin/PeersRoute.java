package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Request;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Response;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Route;
import io.jenkins.plugins.cvmfs.notify.proxy.http.SharedResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * {@code /api/v1/peers}: whether the other proxies and relays that the configuration names are ready. A request here asks them, all at
 * once, unless that was some seconds ago.
 */
public final class PeersRoute implements Route {

    private static final String PATH = "/api/v1/peers";
    private static final String READINESS = "readyz";
    private static final int MAX_BYTES = 64 * 1024;
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final Duration SHARED_FOR = Duration.ofSeconds(5);
    private static final Response FAILED = Response.error(500, "internal_error");
    private static final JsonMapper JSON = new JsonMapper();

    private final List<NotificationServer> peers;
    private final Supplier<RepositoryReader> reader;
    private final SharedResponse shared = new SharedResponse(SHARED_FOR, System::nanoTime);

    /** @param reader reads over HTTP, within a time limit */
    public PeersRoute(List<NotificationServer> peers, Supplier<RepositoryReader> reader) {
        this.peers = List.copyOf(peers);
        this.reader = reader;
    }

    @Override
    public boolean serves(String path) {
        return path.equals(PATH);
    }

    @Override
    public void handle(Request request, Exchange exchange) {
        shared.answer(request, exchange, this::ask);
    }

    private void ask(Consumer<Response> then) {
        List<CompletableFuture<ObjectNode>> all = peers.stream().map(this::ask).toList();
        var unused = CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
                .whenComplete((done, failure) -> then.accept(failure == null ? answer(all) : FAILED));
    }

    private static Response answer(List<CompletableFuture<ObjectNode>> all) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ArrayNode array = body.putArray("peers");
        all.forEach(peer -> array.add(peer.join()));
        return Response.json(200, body.toString()).with("Cache-Control", "no-store");
    }

    private CompletableFuture<ObjectNode> ask(NotificationServer peer) {
        CompletableFuture<byte[]> read;
        try {
            read = reader.get().file(RepositoryLocation.parse(peer.apiUrl().toString()), READINESS, MAX_BYTES);
        } catch (RuntimeException shuttingDown) {
            read = CompletableFuture.failedFuture(shuttingDown);
        }
        // The read's own future, so that the time-out ends the read.
        return read.orTimeout(LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                .handle((bytes, failure) -> failure == null ? answered(peer, bytes) : failed(peer, reason(failure)));
    }

    private static ObjectNode answered(NotificationServer peer, byte[] bytes) {
        try {
            JsonNode answer = JSON.readTree(bytes);
            JsonNode status = answer.path("status");
            JsonNode log = answer.path("log");
            if (status.isTextual() && log.isObject()) {
                ObjectNode json = described(peer, status.textValue());
                json.put("detail", log.path("detail").asText());
                json.set("log", log);
                return json;
            }
        } catch (IOException notJson) {
            // Nor is it one if it is other JSON.
        }
        return failed(peer, "does not answer as a notification server");
    }

    private static ObjectNode failed(NotificationServer peer, String detail) {
        return described(peer, "error").put("detail", detail);
    }

    private static ObjectNode described(NotificationServer peer, String status) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("url", peer.apiUrl().toString())
                .put("status", status);
    }

    private static String reason(Throwable failure) {
        Throwable cause = NotifyException.unwrapped(failure);
        return cause instanceof TimeoutException
                ? "no answer within %d s".formatted(LIMIT.toSeconds())
                : String.valueOf(cause.getMessage());
    }
}
