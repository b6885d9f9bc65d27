package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.proxy.http.BlockingRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.http.EndpointReply;
import io.jenkins.plugins.cvmfs.notify.proxy.http.EndpointRequest;
import io.jenkins.plugins.cvmfs.notify.proxy.log.ActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogState;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishService;

/**
 * {@code /healthz}: the process answers; restart it if it does not. {@code /readyz}: publishing and subscribing work; send
 * clients elsewhere while they do not (503, with the reasons).
 */
public final class HealthRoute implements BlockingRoute {

    private static final String HEALTH = "/healthz";
    private static final String READINESS = "/readyz";
    private static final int OK = 200;
    private static final int UNAVAILABLE = 503;

    private final ActivityLog log;
    private final PublishService admission;

    /** Reads the state of both at each request. */
    public HealthRoute(ActivityLog log, PublishService admission) {
        this.log = log;
        this.admission = admission;
    }

    @Override
    public boolean serves(String path) {
        return path.equals(HEALTH) || path.equals(READINESS);
    }

    /** So that nobody who keeps the other endpoints busy makes the proxy look dead. */
    @Override
    public boolean isQuick() {
        return true;
    }

    @Override
    public EndpointReply get(EndpointRequest request) {
        return request.path().equals(HEALTH)
                ? JsonReply.of(OK, JsonReply.object().put("status", "ok"))
                : readiness();
    }

    private EndpointReply readiness() {
        LogState state = log.state();
        boolean draining = admission.isDraining();
        boolean ready = state.isReady() && !draining;
        ObjectNode body = JsonReply.object().put("status", ready ? "ok" : "error");
        if (!ready) {
            ArrayNode missing = body.putArray("reasons");
            add(missing, draining, "shutting down");
            add(missing, !state.canAppend(), "announcements cannot be published");
            add(missing, !state.isTailing(), "announcements of others do not reach this proxy");
        }
        body.set("log", StatusJson.log(state));
        return JsonReply.of(ready ? OK : UNAVAILABLE, body);
    }

    private static void add(ArrayNode reasons, boolean applies, String reason) {
        if (applies) {
            reasons.add(reason);
        }
    }
}
