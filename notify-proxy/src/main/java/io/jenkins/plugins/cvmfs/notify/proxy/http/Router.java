package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.netty.handler.codec.http.HttpMethod;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds the route of a request, or the response that needs no route. */
final class Router {

    private static final String ALL_METHODS = "GET, HEAD, POST, OPTIONS";

    private final List<Route> routes;

    /** @param routes asked in this order */
    Router(List<Route> routes) {
        this.routes = List.copyOf(routes);
    }

    /** Returns the first route that serves the path; null if there is none. */
    @Nullable
    Route find(Request request) {
        for (Route route : routes) {
            if (route.serves(request.path())) {
                return route;
            }
        }
        return null;
    }

    /** Returns the response to a request that its route does not handle; empty if it does. */
    static Optional<Response> respond(Request request, @Nullable Route route) {
        if (request.version().majorVersion() != 1) {
            return Optional.of(Response.error(505, "http_version"));
        }
        boolean options = request.method().equals(HttpMethod.OPTIONS);
        if (options && request.path().equals("*")) {
            return Optional.of(Response.empty(204).with("Allow", ALL_METHODS));
        }
        if (route == null) {
            return Optional.of(Response.error(404, "not_found"));
        }
        String allow = route.methods().allow();
        if (options) {
            return Optional.of(Response.empty(204).with("Allow", allow));
        }
        if (!route.methods().handle(request.method())) {
            return Optional.of(Response.error(405, "method_not_allowed").with("Allow", allow));
        }
        if (request.hasUnknownExpectation()) {
            return Optional.of(Response.error(417, "expectation_failed"));
        }
        return request.contentLength() > route.maxBodyBytes() ? Optional.of(tooLarge(route)) : Optional.empty();
    }

    static Response tooManyPending() {
        return Response.error(503, "too_many_pending")
                .with("Retry-After", "1")
                .withDetail("the bodies of all requests together take as much memory as allowed");
    }

    static Response tooManyUnread() {
        return Response.error(503, "too_many_unread")
                .with("Retry-After", "1")
                .withDetail("long responses that clients have not read yet take as much memory as allowed");
    }

    static Response tooLarge(Route route) {
        return Response.error(413, "message_too_large")
                .withDetail("the body is longer than the %d bytes allowed".formatted(route.maxBodyBytes()));
    }
}
