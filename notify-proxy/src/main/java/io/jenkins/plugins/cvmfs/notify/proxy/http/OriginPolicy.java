package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which web pages may use the proxy from a browser. A browser names the page's origin in requests that a page makes to another
 * site, in every opening of a WebSocket, and in every POST; without that header a request comes from no page.
 *
 * <p>Pages of the proxy's own address may read. To publish, a page's origin must be named in the configuration: the address in the
 * browser may be one that an attacker's name server gave a second meaning.
 */
final class OriginPolicy {

    private static final String ALL = "*";
    private static final String ASKED_HEADERS = "Authorization, Content-Type, Last-Event-ID";
    private static final String PREFLIGHT_SECONDS = "600";

    private final Set<String> allowed;
    private final HttpMetrics metrics;

    /** @param allowed besides the proxy's own; {@code *} for all */
    OriginPolicy(List<String> allowed, HttpMetrics metrics) {
        this.allowed = Set.copyOf(allowed);
        this.metrics = metrics;
    }

    /** The request with the lines that let the page read the answer, if the page may; caches are told that it matters. */
    RequestHead marked(RequestHead head) {
        if (allowed.isEmpty()) {
            return head;
        }
        String origin = head.headers().get(HttpHeaderNames.ORIGIN);
        String permission = origin != null && isNamed(origin)
                ? "Access-Control-Allow-Origin: " + origin + "\r\n"
                        + "Access-Control-Expose-Headers: Retry-After, X-Cvmfs-Notify-Detail\r\n"
                : "";
        return head.withAnswerLines("Vary: Origin\r\n" + permission);
    }

    /** The answer to a page that may not ask this, or to a browser that asks beforehand; empty for all other requests. */
    Optional<Response> answerInstead(RequestHead head, @Nullable Route resource) {
        if (!head.headers().contains(HttpHeaderNames.ORIGIN)) {
            return Optional.empty();
        }
        List<String> origins = head.headers().getAll(HttpHeaderNames.ORIGIN);
        if (origins.size() > 1 || !mayAsk(origins.get(0), head)) {
            metrics.originRefused();
            return Optional.of(Response.error(HttpResponseStatus.FORBIDDEN, "origin_not_allowed")
                    .withDetail("pages of this origin may not use the proxy; see http.allowed_origins"));
        }
        return resource != null && isPreflight(head) ? Optional.of(preflight(resource)) : Optional.empty();
    }

    private boolean mayAsk(String origin, RequestHead head) {
        return isNamed(origin) || (!head.method().equals(HttpMethod.POST) && isOwn(origin, head));
    }

    private boolean isNamed(String origin) {
        return allowed.contains(ALL) || allowed.contains(origin);
    }

    /** Whether the page comes from the address that the request is for. */
    private static boolean isOwn(String origin, RequestHead head) {
        String host = head.headers().get(HttpHeaderNames.HOST, "").toLowerCase(Locale.ROOT);
        return !host.isEmpty() && (isAt(origin, "http://", host, ":80") || isAt(origin, "https://", host, ":443"));
    }

    private static boolean isAt(String origin, String scheme, String host, String usualPort) {
        String usual = host.endsWith(usualPort) ? host.substring(0, host.length() - usualPort.length()) : host;
        return origin.equals(scheme + usual);
    }

    private static boolean isPreflight(RequestHead head) {
        return head.method().equals(HttpMethod.OPTIONS)
                && head.headers().contains(HttpHeaderNames.ACCESS_CONTROL_REQUEST_METHOD);
    }

    private static Response preflight(Route resource) {
        return Response.empty(HttpResponseStatus.NO_CONTENT)
                .with("Allow", resource.methods().allow())
                .with("Access-Control-Allow-Methods", resource.methods().allow())
                .with("Access-Control-Allow-Headers", ASKED_HEADERS)
                .with("Access-Control-Max-Age", PREFLIGHT_SECONDS);
    }
}
