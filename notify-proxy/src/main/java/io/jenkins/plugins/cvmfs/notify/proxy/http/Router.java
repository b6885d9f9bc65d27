package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** From a request's head to the resource that handles it, or to the answer that needs no resource. */
final class Router {

    private static final String ALL_METHODS = "GET, HEAD, POST, OPTIONS";

    private final List<Route> resources;

    /** @param resources asked in this order */
    Router(List<Route> resources) {
        this.resources = List.copyOf(resources);
    }

    /** The resource at the request's path; null if there is none. */
    @Nullable
    Route find(RequestHead head) {
        for (Route resource : resources) {
            if (resource.serves(head.target().path())) {
                return resource;
            }
        }
        return null;
    }

    /** The answer to a request that is not for the resource to handle; empty if it is. */
    static Optional<Response> answerInstead(RequestHead head, @Nullable Route resource) {
        if (head.version().majorVersion() != 1) {
            return Optional.of(Response.error(HttpResponseStatus.HTTP_VERSION_NOT_SUPPORTED, "http_version"));
        }
        boolean options = head.method().equals(HttpMethod.OPTIONS);
        if (options && head.target().path().equals("*")) {
            return Optional.of(Response.empty(HttpResponseStatus.NO_CONTENT).with("Allow", ALL_METHODS));
        }
        if (resource == null) {
            return Optional.of(Response.error(HttpResponseStatus.NOT_FOUND, "not_found"));
        }
        String allow = resource.methods().allow();
        if (options) {
            return Optional.of(Response.empty(HttpResponseStatus.NO_CONTENT).with("Allow", allow));
        }
        if (!resource.methods().handled().contains(head.method())) {
            return Optional.of(Response.error(HttpResponseStatus.METHOD_NOT_ALLOWED, "method_not_allowed")
                    .with("Allow", allow));
        }
        return bodyProblem(head, resource);
    }

    private static Optional<Response> bodyProblem(RequestHead head, Route resource) {
        if (head.hasOtherExpectation()) {
            return Optional.of(Response.error(HttpResponseStatus.EXPECTATION_FAILED, "expectation_failed"));
        }
        return head.contentLength() > resource.maxBodyBytes() ? Optional.of(tooLarge(resource)) : Optional.empty();
    }

    static Response tooManyPending() {
        return Response.error(HttpResponseStatus.SERVICE_UNAVAILABLE, "too_many_pending")
                .with("Retry-After", "1")
                .withDetail("the bodies of all requests together take as much memory as they may");
    }

    static Response tooManyUnread() {
        return Response.error(HttpResponseStatus.SERVICE_UNAVAILABLE, "too_many_unread")
                .with("Retry-After", "1")
                .withDetail("long answers that clients have not read yet take as much memory as they may");
    }

    static Response tooLarge(Route resource) {
        return Response.error(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE, "message_too_large")
                .withDetail("the body is longer than the %d bytes allowed".formatted(resource.maxBodyBytes()));
    }
}
