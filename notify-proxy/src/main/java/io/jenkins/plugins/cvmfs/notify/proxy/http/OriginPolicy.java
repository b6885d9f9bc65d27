package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which web pages may use the proxy from a browser (CORS). A browser sends the page's origin with requests to another site, with every
 * WebSocket handshake, and with every POST; a request without that header comes from no page.
 *
 * <p>Pages of the proxy's own address may read. To publish, a page's origin must be in the configuration: an attacker's name server may
 * have given the address in the browser a second meaning (DNS rebinding).
 */
final class OriginPolicy {

    private static final String ALL = "*";
    private static final String ALLOWED_HEADERS = "Authorization, Content-Type, Last-Event-ID";
    private static final String PREFLIGHT_SECONDS = "600";

    private final Set<String> allowed;
    private final HttpMetrics metrics;

    /** @param allowed origins besides the proxy's own; {@code *} allows all */
    OriginPolicy(List<String> allowed, HttpMetrics metrics) {
        this.allowed = Set.copyOf(allowed);
        this.metrics = metrics;
    }

    /** Adds the response lines that let an allowed page read the response, and tell caches that the origin matters. */
    Request mark(Request request) {
        if (allowed.isEmpty()) {
            return request;
        }
        String origin = request.headers().get(HttpHeaderNames.ORIGIN);
        String permission = origin != null && isNamed(origin)
                ? "Access-Control-Allow-Origin: " + origin + "\r\n"
                        + "Access-Control-Expose-Headers: Retry-After, X-Cvmfs-Notify-Detail\r\n"
                : "";
        return request.withResponseLines("Vary: Origin\r\n" + permission);
    }

    /** Returns the response to a page that is not allowed, or to a preflight request; empty for all other requests. */
    Optional<Response> respond(Request request, @Nullable Route route) {
        if (!request.isFromBrowser()) {
            return Optional.empty();
        }
        List<String> origins = request.headers().getAll(HttpHeaderNames.ORIGIN);
        if (origins.size() > 1 || !isAllowed(origins.get(0), request)) {
            metrics.originsRefused.increment();
            return Optional.of(Response.error(403, "origin_not_allowed")
                    .withDetail("pages of this origin may not use the proxy; see http.allowed_origins"));
        }
        return route != null && isPreflight(request) ? Optional.of(preflight(route)) : Optional.empty();
    }

    private boolean isAllowed(String origin, Request request) {
        return isNamed(origin) || (!request.method().equals(HttpMethod.POST) && isOwn(origin, request));
    }

    private boolean isNamed(String origin) {
        return allowed.contains(ALL) || allowed.contains(origin);
    }

    /** Returns true if the page comes from the address that the request is for. */
    private static boolean isOwn(String origin, Request request) {
        String host = request.headers().get(HttpHeaderNames.HOST, "").toLowerCase(Locale.ROOT);
        return !host.isEmpty() && (isAt(origin, "http://", host, ":80") || isAt(origin, "https://", host, ":443"));
    }

    private static boolean isAt(String origin, String scheme, String host, String usualPort) {
        String usual = host.endsWith(usualPort) ? host.substring(0, host.length() - usualPort.length()) : host;
        return origin.equals(scheme + usual);
    }

    private static boolean isPreflight(Request request) {
        return request.method().equals(HttpMethod.OPTIONS)
                && request.headers().contains(HttpHeaderNames.ACCESS_CONTROL_REQUEST_METHOD);
    }

    private static Response preflight(Route route) {
        return Response.empty(204)
                .with("Allow", route.methods().allow())
                .with("Access-Control-Allow-Methods", route.methods().allow())
                .with("Access-Control-Allow-Headers", ALLOWED_HEADERS)
                .with("Access-Control-Max-Age", PREFLIGHT_SECONDS);
    }
}
