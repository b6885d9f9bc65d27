package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.netty.handler.codec.http.HttpMethod;
import java.util.Set;

/** Something with a path. One instance serves all connections, on all event loops: nothing in it blocks. */
interface Route {

    /**
     * What may be done with it.
     *
     * @param allow the value of an Allow header
     * @param handled those it handles itself; OPTIONS is not for it to handle
     */
    record Methods(String allow, Set<HttpMethod> handled) {
        static final Methods READ = new Methods("GET, HEAD, OPTIONS", Set.of(HttpMethod.GET, HttpMethod.HEAD));
        static final Methods POST = new Methods("POST, OPTIONS", Set.of(HttpMethod.POST));
    }

    boolean serves(String path);

    Methods methods();

    /** The longest request body it reads. */
    int maxBodyBytes();

    /** One word for metrics. */
    String name();

    /** Handles a request with one of its methods; sees to it that the exchange ends. On the connection's event loop. */
    void handle(Request request, Exchange exchange);
}
