package io.jenkins.plugins.cvmfs.notify.client.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;

/**
 * Where the WebSocket library hands over what it hears. Public only because that library refuses to call a class that is not;
 * nobody else has use for it.
 */
public final class WebSocketEndpoint implements Session.Listener.AutoDemanding {

    private final WebSocketChannel channel;

    WebSocketEndpoint(WebSocketChannel channel) {
        this.channel = channel;
    }

    @Override
    public void onWebSocketOpen(Session session) {
        channel.opened(session);
    }

    @Override
    public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
        byte[] message = new byte[payload.remaining()];
        payload.get(message);
        callback.succeed();
        channel.received(message);
    }

    @Override
    public void onWebSocketText(String message) {
        channel.received(message.getBytes(UTF_8));
    }

    @Override
    public void onWebSocketPong(ByteBuffer payload) {
        channel.pong(UTF_8.decode(payload).toString());
    }

    @Override
    public void onWebSocketError(Throwable cause) {
        channel.failed(cause);
    }

    @Override
    public void onWebSocketClose(int statusCode, String reason, Callback callback) {
        callback.succeed();
        channel.closedByServer(statusCode, reason);
    }
}
