package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.proxy.access.Caller;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Secret;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.util.List;
import java.util.stream.Stream;

/** Finds what a request shows of who sends it. */
final class Callers {

    private Callers() {}

    /**
     * By the header {@code Authorization}. Of a WebSocket's request also by an offered subprotocol {@code bearer.TOKEN}, because a page
     * in a browser can set no headers there.
     */
    static Caller of(Request request) {
        RequestHead head = request.head();
        return new Caller(request.peer(), authorization(head), head.headers().contains(HttpHeaderNames.ORIGIN));
    }

    private static List<Secret> authorization(RequestHead head) {
        if (!head.headers().contains(HttpHeaderNames.AUTHORIZATION)
                && !head.headers().contains(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL)) {
            return List.of();
        }
        Stream<String> header = head.headers().getAll(HttpHeaderNames.AUTHORIZATION).stream();
        Stream<String> offered = WebSocketHandshake.isAskedFor(head)
                ? WebSocketHandshake.offeredTokens(head).stream().map(token -> "Bearer " + token)
                : Stream.empty();
        return Stream.concat(header, offered).map(Secret::new).toList();
    }
}
