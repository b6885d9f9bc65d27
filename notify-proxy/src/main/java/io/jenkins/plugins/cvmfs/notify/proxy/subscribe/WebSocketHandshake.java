package io.jenkins.plugins.cvmfs.notify.proxy.subscribe;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jenkins.plugins.cvmfs.notify.proxy.http.Request;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Response;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** The opening handshake of RFC 6455, on the server. */
final class WebSocketHandshake {

    /** To a subscribe request of no known kind; the original service answers the same. */
    static final Response UPGRADE_REQUIRED = Response.error(426, "upgrade_required")
            .with("connection", "upgrade")
            .with("upgrade", "websocket")
            .with("Sec-WebSocket-Version", "13");

    private static final byte[] GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11".getBytes(US_ASCII);
    private static final byte[] RESPONSE = """
            HTTP/1.1 101 Switching Protocols\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Accept:\s""".getBytes(US_ASCII);
    private static final String SUBPROTOCOL = "json";
    private static final byte[] END = "\r\n\r\n".getBytes(US_ASCII);
    private static final byte[] END_WITH_SUBPROTOCOL =
            ("\r\nSec-WebSocket-Protocol: " + SUBPROTOCOL + "\r\n\r\n").getBytes(US_ASCII);
    private static final int KEY_BYTES = 16;

    /** To look one up among the JVM's providers takes longer than to use it. */
    private static final FastThreadLocal<MessageDigest> SHA_1 = new FastThreadLocal<>() {
        @Override
        protected MessageDigest initialValue() throws NoSuchAlgorithmException {
            return MessageDigest.getInstance("SHA-1");
        }
    };

    private WebSocketHandshake() {}

    /** Returns the response to a malformed upgrade request; empty if it is well-formed. */
    static Optional<Response> refusal(Request request) {
        if (!"13".equals(request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_VERSION))) {
            return Optional.of(UPGRADE_REQUIRED);
        }
        if (!isKey(request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_KEY, ""))) {
            return Optional.of(Response.error(400, "invalid_websocket_key"));
        }
        List<String> offered = request.subprotocols();
        return offered.isEmpty() || offered.contains(SUBPROTOCOL)
                ? Optional.empty()
                : Optional.of(Response.error(400, "unknown_subprotocol"));
    }

    /**
     * Returns true for a request as the WebSocket clients of CVMFS 2.6.0 send it: they name neither themselves nor a subprotocol, and
     * have no query. Browsers and common libraries send a {@code User-Agent}.
     */
    static boolean isOfCvmfs(Request request) {
        return !request.headers().contains(HttpHeaderNames.USER_AGENT)
                && request.subprotocols().isEmpty()
                && request.parameters("repository").isEmpty()
                && request.parameter("after").isEmpty()
                && request.parameter("hold").isEmpty();
    }

    private static boolean isKey(String text) {
        try {
            return Base64.getDecoder().decode(text).length == KEY_BYTES;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Returns the response to a request without a {@link #refusal}; it selects the subprotocol only if that was offered. */
    static byte[] response(Request request) {
        byte[] accept = accept(request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_KEY, ""));
        byte[] end = request.subprotocols().isEmpty() ? END : END_WITH_SUBPROTOCOL;
        return ByteBuffer.allocate(RESPONSE.length + accept.length + end.length)
                .put(RESPONSE)
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
