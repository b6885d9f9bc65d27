package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.eclipse.jetty.client.HttpResponseException;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.client.ClientUpgradeRequest;
import org.eclipse.jetty.websocket.client.JettyUpgradeListener;
import org.jspecify.annotations.Nullable;

/** Opens WebSockets; failures come in this library's words and name the URL. */
final class WebSocketConnector {

    private final JettyClient engine;
    private final Timer timer;

    WebSocketConnector(JettyClient engine, Timer timer) {
        this.engine = engine;
        this.timer = timer;
    }

    /**
     * Connects and shakes hands. Cancelling the future ends the attempt.
     *
     * @param url {@code http} or {@code https}
     */
    CompletableFuture<Session> connect(URI url, TokenSource token, WebSocketEndpoint endpoint) {
        Handshake handshake = new Handshake();
        CompletableFuture<Session> opened = new CompletableFuture<>();
        try {
            ClientUpgradeRequest request = new ClientUpgradeRequest(webSocketUrl(url));
            HttpSender.bearer(token).ifPresent(value -> request.setHeader(HttpSender.AUTHORIZATION, value));
            CompletableFuture<Session> attempt = engine.connect(url, endpoint, request, handshake);
            Futures.whenDone(attempt, (session, failure) -> {
                if (failure == null) {
                    opened.complete(session);
                } else {
                    opened.completeExceptionally(translated(url, failure, handshake.response.get()));
                }
            });
            Futures.whenDone(opened, (session, failure) -> attempt.cancel(true));
        } catch (IOException | RuntimeException e) {
            opened.completeExceptionally(HttpErrors.of(url.toString(), e));
        }
        return opened;
    }

    private static URI webSocketUrl(URI url) {
        return URI.create("ws" + url.toString().substring("http".length()));
    }

    private NotifyException translated(URI url, Throwable failure, @Nullable Response response) {
        if (response != null) {
            return response.getStatus() == 101
                    ? new PermanentFailureException(
                            url + ": the server upgrades to something that is no WebSocket: " + text(failure), failure)
                    : HttpErrors.ofStatus(response.getStatus(), headers(response), url, timer.now());
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof HttpResponseException refusal) {
                return noTunnel(url, refusal.getResponse().getStatus());
            }
        }
        return HttpErrors.of(url.toString(), failure);
    }

    private static String text(Throwable failure) {
        return Excerpt.of(String.valueOf(failure.getMessage()));
    }

    private static NotifyException noTunnel(URI url, int status) {
        return status == 407
                ? new RefusedException(url + ": the HTTP proxy asks for credentials (407)")
                : new PermanentFailureException("%s: the HTTP proxy opens no tunnel to it (%d)".formatted(url, status));
    }

    private static HttpHeaders headers(Response response) {
        Map<String, List<String>> values = response.getHeaders().stream()
                .collect(Collectors.groupingBy(
                        HttpField::getName,
                        () -> new TreeMap<>(String.CASE_INSENSITIVE_ORDER),
                        Collectors.mapping(HttpField::getValue, Collectors.toList())));
        return HttpHeaders.of(values, (name, value) -> value != null);
    }

    /** Keeps what the server answered, because the exception has only its status. */
    private static final class Handshake implements JettyUpgradeListener {

        private final AtomicReference<@Nullable Response> response = new AtomicReference<>();

        @Override
        public void onHandshakeResponse(Request request, Response answer) {
            response.set(answer);
        }
    }
}
