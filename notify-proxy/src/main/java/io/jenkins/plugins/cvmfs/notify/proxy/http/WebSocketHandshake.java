package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** The opening handshake of RFC 6455, server side. */
final class WebSocketHandshake {

    /** To a subscribe request that is of no kind; as the original service answers it, with a word in the body. */
    static final Response UPGRADE_REQUIRED = Response.error(HttpResponseStatus.UPGRADE_REQUIRED, "upgrade_required")
            .with("connection", "upgrade")
            .with("upgrade", "websocket")
            .with("Sec-WebSocket-Version", "13");

    private static final byte[] GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11".getBytes(US_ASCII);
    private static final byte[] ANSWER = """
            HTTP/1.1 101 Switching Protocols\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Accept:\s""".getBytes(US_ASCII);
    private static final String SUBPROTOCOL = "json";
    private static final byte[] END = "\r\n\r\n".getBytes(US_ASCII);
    private static final byte[] END_WITH_SUBPROTOCOL =
            ("\r\nSec-WebSocket-Protocol: " + SUBPROTOCOL + "\r\n\r\n").getBytes(US_ASCII);
    private static final String TOKEN_PREFIX = "bearer.";
    private static final int KEY_BYTES = 16;

    /** To look one up among the JVM's providers costs more than to use it. */
    private static final FastThreadLocal<MessageDigest> SHA_1 = new FastThreadLocal<>() {
        @Override
        protected MessageDigest initialValue() throws NoSuchAlgorithmException {
            return MessageDigest.getInstance("SHA-1");
        }
    };

    private WebSocketHandshake() {}

    static boolean isAskedFor(RequestHead head) {
        return head.method().equals(HttpMethod.GET)
                && !head.isHttp10()
                && head.headers().containsValue(HttpHeaderNames.CONNECTION, "upgrade", true)
                && head.headers().containsValue(HttpHeaderNames.UPGRADE, "websocket", true);
    }

    /** What is wrong with a request for an upgrade; empty if nothing is. */
    static Optional<Response> refusal(RequestHead head) {
        if (!"13".equals(head.headers().get(HttpHeaderNames.SEC_WEBSOCKET_VERSION))) {
            return Optional.of(UPGRADE_REQUIRED);
        }
        if (!isKey(head.headers().get(HttpHeaderNames.SEC_WEBSOCKET_KEY, ""))) {
            return Optional.of(Response.error(HttpResponseStatus.BAD_REQUEST, "invalid_websocket_key"));
        }
        List<String> offered = subprotocols(head);
        return offered.isEmpty() || offered.contains(SUBPROTOCOL)
                ? Optional.empty()
                : Optional.of(Response.error(HttpResponseStatus.BAD_REQUEST, "unknown_subprotocol"));
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
        if (offersNone(head)) {
            return List.of();
        }
        return offered(head).stream()
                .filter(name -> !name.startsWith(TOKEN_PREFIX))
                .toList();
    }

    /** Tokens that a page has put where it could. */
    static List<String> offeredTokens(RequestHead head) {
        if (offersNone(head)) {
            return List.of();
        }
        return offered(head).stream()
                .filter(name -> name.startsWith(TOKEN_PREFIX))
                .map(name -> name.substring(TOKEN_PREFIX.length()))
                .toList();
    }

    /** So do most, and are spared what follows. */
    private static boolean offersNone(RequestHead head) {
        return !head.headers().contains(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
    }

    private static List<String> offered(RequestHead head) {
        return head.headers().getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL).stream()
                .flatMap(line -> Arrays.stream(line.split(",")))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .toList();
    }

    /** The answer to a request without a {@link #refusal}; the subprotocol stands in it only if it was offered. */
    static byte[] answer(RequestHead head) {
        byte[] accept = accept(head.headers().get(HttpHeaderNames.SEC_WEBSOCKET_KEY, ""));
        byte[] end = subprotocols(head).isEmpty() ? END : END_WITH_SUBPROTOCOL;
        return ByteBuffer.allocate(ANSWER.length + accept.length + end.length)
                .put(ANSWER)
                .put(accept)
                .put(end)
                .array();
    }

    private static byte[] accept(String key) {
        MessageDigest digest = SHA_1.get();
        digest.update(key.getBytes(US_ASCII));
        return Base64.getEncoder().encode(digest.digest(GUID));
    }
}
