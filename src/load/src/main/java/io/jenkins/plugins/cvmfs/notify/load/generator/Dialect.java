package io.jenkins.plugins.cvmfs.notify.load.generator;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Locale;

/** The paths of a kind of server, and how a WebSocket there names its repository. */
public enum Dialect {
    /** The protocols of this project. */
    NOTIFY("/api/v1/publish", "/api/v1/subscribe", true),
    /** nginx with nchan, as the module configures it: a channel for each repository. */
    NCHAN("/pub?id=%s", "/sub?id=%s", false),
    /** A RabbitMQ node, without a service. */
    AMQP("", "", false),
    /** No server: a file. */
    FILE("", "", false);

    private final String publishPath;
    private final String subscribePath;
    private final boolean namesRepositoriesInFrames;

    Dialect(String publishPath, String subscribePath, boolean namesRepositoriesInFrames) {
        this.publishPath = publishPath;
        this.subscribePath = subscribePath;
        this.namesRepositoriesInFrames = namesRepositoriesInFrames;
    }

    /** Returns true if a server does the work, not this process. */
    boolean isServed() {
        return !publishPath.isEmpty();
    }

    /** A whole request that publishes this message. */
    public byte[] publish(String repository, byte[] message) {
        byte[] head = ("POST " + publishPath.formatted(repository) + " HTTP/1.1\r\nHost: load\r\nContent-Length: "
                        + message.length + "\r\n\r\n")
                .getBytes(US_ASCII);
        byte[] request = new byte[head.length + message.length];
        System.arraycopy(head, 0, request, 0, head.length);
        System.arraycopy(message, 0, request, head.length, message.length);
        return request;
    }

    /** Returns the request of a subscriber of this kind. */
    public byte[] subscribe(SubscriberKind kind, String repository) {
        String path = subscribePath.formatted(repository);
        return switch (kind) {
            case WEB_SOCKET -> request(path, """
                Upgrade: websocket\r
                Connection: Upgrade\r
                Sec-WebSocket-Version: 13\r
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
                """, "");
            case EVENTS_BY_QUERY ->
                request(
                        namesRepositoriesInFrames ? path + "?repository=" + repository : path,
                        "Accept: text/event-stream\r\n",
                        "");
            case EVENTS_BY_BODY -> {
                String body = subscription(repository);
                yield request(path, "Content-Length: " + body.length() + "\r\n", body);
            }
        };
    }

    private static byte[] request(String path, String headerLines, String body) {
        return ("GET " + path + " HTTP/1.1\r\nHost: load\r\n" + headerLines + "\r\n" + body).getBytes(US_ASCII);
    }

    private static String subscription(String repository) {
        return "{\"version\":1,\"repository\":\"" + repository + "\"}";
    }

    /** The first frame of a WebSocket; empty where the request names the repository. */
    public byte[] afterUpgrade(String repository) {
        return namesRepositoriesInFrames
                ? StreamParser.WebSocketFrames.toServer(subscription(repository).getBytes(US_ASCII))
                : new byte[0];
    }

    /** Returns the parser of a server's answer after its head. */
    public StreamParser parser(SubscriberKind kind, String head) {
        return kind == SubscriberKind.WEB_SOCKET
                ? new StreamParser.WebSocketFrames()
                : new StreamParser.EventStream(head.toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked"));
    }
}
