package io.jenkins.plugins.cvmfs.notify.proxy.frontend;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The opening handshake of RFC 6455, server side. */
final class WebSocketHandshake {

    /** To a subscribe request that is of no kind; as the original service answers it, with a word in the body. */
    static final Answer UPGRADE_REQUIRED = Answer.error(HttpResponseStatus.UPGRADE_REQUIRED, "upgrade_required")
            .with("connection", "upgrade")
            .with("upgrade", "websocket")
            .with("Sec-WebSocket-Version", "13");

    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final String SUBPROTOCOL = "json";
    private static final String TOKEN_PREFIX = "bearer.";
    private static final int KEY_BYTES = 16;

    private WebSocketHandshake() {}

    static boolean isAskedFor(RequestHead head) {
        return head.method().equals(HttpMethod.GET)
                && !head.isHttp10()
                && head.headers().containsValue(HttpHeaderNames.CONNECTION, "upgrade", true)
                && head.headers().containsValue(HttpHeaderNames.UPGRADE, "websocket", true);
    }

    /** What is wrong with a request for an upgrade; empty if nothing is. */
    static Optional<Answer> refusal(RequestHead head) {
        if (!"13".equals(head.headers().get(HttpHeaderNames.SEC_WEBSOCKET_VERSION))) {
            return Optional.of(UPGRADE_REQUIRED);
        }
        if (!isKey(head.headers().get(HttpHeaderNames.SEC_WEBSOCKET_KEY, ""))) {
            return Optional.of(Answer.error(HttpResponseStatus.BAD_REQUEST, "invalid_websocket_key"));
        }
        List<String> offered = subprotocols(head);
        return offered.isEmpty() || offered.contains(SUBPROTOCOL)
                ? Optional.empty()
                : Optional.of(Answer.error(HttpResponseStatus.BAD_REQUEST, "unknown_subprotocol"));
    }

    private static boolean isKey(String text) {
        try {
            return Base64.getDecoder().decode(text).length == KEY_BYTES;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** The real ones, without those that carry a token. */
    private static List<String> subprotocols(RequestHead head) {
        return offered(head).filter(name -> !name.startsWith(TOKEN_PREFIX)).toList();
    }

    /** Tokens that a page has put where it could. */
    static List<String> offeredTokens(RequestHead head) {
        return offered(head)
                .filter(name -> name.startsWith(TOKEN_PREFIX))
                .map(name -> name.substring(TOKEN_PREFIX.length()))
                .toList();
    }

    private static Stream<String> offered(RequestHead head) {
        return head.headers().getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL).stream()
                .flatMap(line -> Arrays.stream(line.split(",")))
                .map(String::strip)
                .filter(name -> !name.isEmpty());
    }

    /** The answer to a request without a {@link #refusal}; the subprotocol stands in it only if it was offered. */
    static byte[] answer(RequestHead head) {
        String protocol = subprotocols(head).isEmpty() ? "" : "Sec-WebSocket-Protocol: " + SUBPROTOCOL + "\r\n";
        String accept = accept(head.headers().get(HttpHeaderNames.SEC_WEBSOCKET_KEY, ""));
        return ("HTTP/1.1 101 Switching Protocols\r\n"
                        + "Upgrade: websocket\r\n"
                        + "Connection: Upgrade\r\n"
                        + "Sec-WebSocket-Accept: " + accept + "\r\n"
                        + protocol
                        + "\r\n")
                .getBytes(US_ASCII);
    }

    private static String accept(String key) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(US_ASCII));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java runtime has SHA-1", e);
        }
    }
}
