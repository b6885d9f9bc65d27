package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpMethod;

/**
 * Handles the requests for some paths. One instance serves all connections on all event loops, so nothing in it may block; a route that
 * has to block extends {@link BlockingRoute}.
 */
public interface Route {

    /** The methods that a route handles; the server answers OPTIONS itself. */
    enum Methods {
        READ("GET, HEAD, OPTIONS"),
        POST("POST, OPTIONS");

        private final String allow;

        Methods(String allow) {
            this.allow = allow;
        }

        /** The value of the header {@code Allow}. */
        String allow() {
            return allow;
        }

        boolean handle(HttpMethod method) {
            return this == POST
                    ? method.equals(HttpMethod.POST)
                    : method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
        }
    }

    /**
     * Returns true if this route serves the path; the first route that does gets the request.
     *
     * @param path without the query, such as {@code /healthz}
     */
    boolean serves(String path);

    default Methods methods() {
        return Methods.READ;
    }

    /** The longest request body that it takes; a longer one is answered with 413. */
    default int maxBodyBytes() {
        return 0;
    }

    /** The value of the label {@code resource} in metrics. */
    default String name() {
        return "endpoint";
    }

    /**
     * Handles a request with one of its methods, on the connection's event loop. Must end the exchange, now or later; an exception is
     * answered with 500.
     */
    void handle(Request request, Exchange exchange);

    /** The server's half of one request: answered once, or the connection is handed over. Thread-safe; the first call counts. */
    interface Exchange {

        void answer(Response response);

        /** Ends HTTP on this connection: the successor adds its handlers, then those of HTTP are removed. */
        void handOver(Successor successor);
    }

    /** Takes over a connection from HTTP. */
    @FunctionalInterface
    interface Successor {
        /**
         * Writes its first bytes and adds its handlers at the end of the pipeline, on the event loop. Bytes received already reach
         * these handlers.
         */
        void begin(Channel channel);
    }
}
