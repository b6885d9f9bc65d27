package io.jenkins.plugins.cvmfs.notify.proxy.frontend;

import io.netty.handler.codec.http.HttpMethod;
import java.util.Set;

/** Something with a path. One instance serves all connections, on all event loops: nothing in it blocks. */
interface Resource {

    /** What may be done with it besides OPTIONS. */
    enum Methods {
        READ("GET, HEAD, OPTIONS", HttpMethod.GET, HttpMethod.HEAD),
        POST("POST, OPTIONS", HttpMethod.POST);

        private final String allow;
        private final Set<HttpMethod> methods;

        Methods(String allow, HttpMethod... methods) {
            this.allow = allow;
            this.methods = Set.of(methods);
        }

        /** The value of an Allow header. */
        String allow() {
            return allow;
        }

        boolean contain(HttpMethod method) {
            return methods.contains(method);
        }
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
