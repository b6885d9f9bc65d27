package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Request;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Response;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Route;
import io.jenkins.plugins.cvmfs.notify.proxy.log.ActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogState;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishService;

/**
 * {@code /healthz}: the process answers; restart it if it does not. {@code /readyz}: publishing and subscribing work; send clients
 * elsewhere while they do not (503, with the reasons). A relay keeps its clients when it has lost its upstream (200, degraded).
 *
 * <p>Answers on the event loops, so that slow requests to other routes do not make the proxy look dead.
 */
public final class HealthRoute implements Route {

    private static final String HEALTH = "/healthz";
    private static final String READINESS = "/readyz";

    /** For relays, and where a web server in front forwards only this path. */
    private static final String API_READINESS = "/api/v1/readyz";

    private static final Response HEALTHY = Response.json(200, "{\"status\":\"ok\"}");

    private final ActivityLog log;
    private final PublishService publishing;

    public HealthRoute(ActivityLog log, PublishService publishing) {
        this.log = log;
        this.publishing = publishing;
    }

    @Override
    public boolean serves(String path) {
        return path.equals(HEALTH) || path.equals(READINESS) || path.equals(API_READINESS);
    }

    @Override
    public void handle(Request request, Exchange exchange) {
        exchange.answer(get(request));
    }

    Response get(Request request) {
        return request.path().equals(HEALTH) ? HEALTHY : readiness();
    }

    private Response readiness() {
        LogState state = log.state();
        boolean draining = publishing.isDraining();
        boolean ready = state.isReady() && !draining;
        boolean serving = state.isServing() && !draining;
        ObjectNode body =
                JsonNodeFactory.instance.objectNode().put("status", ready ? "ok" : serving ? "degraded" : "error");
        if (!ready) {
            ArrayNode reasons = body.putArray("reasons");
            add(reasons, draining, "shutting down");
            add(reasons, !state.canAppend(), "announcements cannot be published");
            add(reasons, !state.isTailing(), "announcements of others do not reach this proxy");
        }
        body.set("log", StatusRoute.logJson(state));
        return Response.json(serving ? 200 : 503, body.toString());
    }

    private static void add(ArrayNode reasons, boolean applies, String reason) {
        if (applies) {
            reasons.add(reason);
        }
    }
}
