package io.jenkins.plugins.cvmfs.notify.proxy.history;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Connection;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Kind;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Receipt;
import io.jenkins.plugins.cvmfs.notify.proxy.history.ProxyFleet.Running;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** Opens connections of all kinds, on bare HTTP, and records what comes on them. They are not opened again when they break. */
final class Subscribers {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

    private final HttpClient http;
    private final History history;
    private final AtomicInteger numbers = new AtomicInteger();

    Subscribers(HttpClient http, History history) {
        this.http = http;
        this.history = history;
    }

    /** An open, opening or broken connection. */
    abstract static class Subscription {

        final Connection connection;
        private volatile boolean broken;

        Subscription(Connection connection) {
            this.connection = connection;
        }

        /** Whether nothing comes any more. */
        boolean isBroken() {
            return broken;
        }

        void broke() {
            broken = true;
            connection.ended();
        }

        /** Ends it without a word. */
        abstract void abort();
    }

    /**
     * Connects to a proxy and subscribes.
     *
     * @param isLast whether it shall stay until the end
     */
    Subscription open(Kind kind, Running proxy, Set<String> repositories, boolean isLast) {
        Connection connection =
                new Connection(numbers.incrementAndGet(), kind, proxy.life(), repositories, history.now(), isLast);
        history.add(connection);
        return switch (kind) {
            case WEBSOCKET -> new Socket(connection).open(proxy.uri());
            case EVENTS_BY_QUERY ->
                new Events(connection)
                        .open(HttpRequest.newBuilder(proxy.uri()
                                        .resolve("/api/v1/subscribe?"
                                                + repositories.stream()
                                                        .map("repository="::concat)
                                                        .collect(Collectors.joining("&"))))
                                .build());
            case EVENTS_BY_BODY ->
                new Events(connection)
                        .open(HttpRequest.newBuilder(proxy.uri().resolve("/api/v1/notifications/subscribe"))
                                .method(
                                        "GET",
                                        BodyPublishers.ofString(subscription(
                                                repositories.iterator().next())))
                                .build());
        };
    }

    private static String subscription(String repository) {
        return "{\"version\":1,\"repository\":\"%s\"}".formatted(repository);
    }

    private void receive(Connection connection, byte[] raw, String position) {
        ActivityMessage message = ActivityMessage.parse(raw);
        connection.received(
                new Receipt(message.repository().value(), Announcers.serialOf(message), position, history.now()));
    }

    private final class Socket extends Subscription implements WebSocket.Listener {

        private final ByteArrayOutputStream frame = new ByteArrayOutputStream();
        private volatile boolean aborted;
        private volatile WebSocket socket;

        Socket(Connection connection) {
            super(connection);
        }

        Socket open(URI proxy) {
            http.newWebSocketBuilder()
                    .connectTimeout(CONNECT_TIMEOUT)
                    .buildAsync(
                            URI.create("ws" + proxy.toString().substring("http".length()) + "/api/v1/subscribe"), this)
                    .whenComplete((opened, failure) -> {
                        if (failure != null) {
                            broke();
                        }
                    });
            return this;
        }

        @Override
        public void onOpen(WebSocket opened) {
            socket = opened;
            if (aborted) {
                opened.abort();
                return;
            }
            CompletionStage<?> sent = opened.sendPing(ByteBuffer.allocate(0));
            for (String repository : connection.repositories) {
                sent = sent.thenCompose(before -> opened.sendBinary(
                        ByteBuffer.wrap(subscription(repository).getBytes(UTF_8)), true));
            }
            opened.request(1);
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean isLast) {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            frame.writeBytes(bytes);
            if (isLast) {
                receive(connection, frame.toByteArray(), "");
                frame.reset();
            }
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
            broke();
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            broke();
        }

        @Override
        void abort() {
            aborted = true;
            broke();
            if (socket != null) {
                socket.abort();
            }
        }
    }

    private final class Events extends Subscription implements Flow.Subscriber<String> {

        private volatile boolean aborted;
        private volatile Flow.Subscription lines;
        private String data = "";
        private String id = "";

        Events(Connection connection) {
            super(connection);
        }

        Events open(HttpRequest request) {
            http.sendAsync(
                            request,
                            answer -> answer.statusCode() == 200
                                    ? BodyHandlers.fromLineSubscriber(this).apply(answer)
                                    : BodyHandlers.replacing((Void) null).apply(answer))
                    .whenComplete((ended, failure) -> broke());
            return this;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            lines = subscription;
            if (aborted) {
                subscription.cancel();
            } else {
                subscription.request(Long.MAX_VALUE);
            }
        }

        @Override
        public void onNext(String line) {
            if (line.startsWith("data: ")) {
                data = line.substring("data: ".length());
            } else if (line.startsWith("id: ")) {
                id = line.substring("id: ".length());
            } else if (line.isEmpty() && !data.isEmpty()) {
                receive(connection, data.getBytes(UTF_8), id);
                data = "";
                id = "";
            }
        }

        @Override
        public void onError(Throwable error) {
            broke();
        }

        @Override
        public void onComplete() {
            broke();
        }

        @Override
        void abort() {
            aborted = true;
            broke();
            if (lines != null) {
                lines.cancel();
            }
        }
    }

    /** Those of the kinds for which one connection can have all the repositories, else one connection each. */
    static List<Set<String>> connections(Kind kind, List<String> repositories) {
        return kind == Kind.EVENTS_BY_BODY
                ? repositories.stream().map(Set::of).toList()
                : List.of(Set.copyOf(repositories));
    }
}
