package io.jenkins.plugins.cvmfs.notify.proxy.access;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.Denied;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Refusals.Attempt;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Refusals.Repetitions;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Request;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Response;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Route;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * {@code GET /api/v1/refusals}: whose publishes and subscriptions were refused, and why. Addresses of clients are for those who have a right to
 * publish of their own.
 */
public final class RefusalsRoute implements Route {

    private static final String PATH = "/api/v1/refusals";

    private final Refusals refusals;
    private final Supplier<AccessRules> access;

    /** @param access returns the rules in effect */
    public RefusalsRoute(Refusals refusals, Supplier<AccessRules> access) {
        this.refusals = refusals;
        this.access = access;
    }

    @Override
    public boolean serves(String path) {
        return path.equals(PATH);
    }

    @Override
    public void handle(Request request, Exchange exchange) {
        exchange.answer(get(request));
    }

    Response get(Request request) {
        if (access.get().maySeeRefusals(Caller.of(request)) instanceof Denied no) {
            return no.reason().response(no.detail());
        }
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ArrayNode all = body.putArray("refusals");
        refusals.all().forEach(it -> all.add(describe(it.getKey(), it.getValue())));
        return Response.json(200, body.toString()).with("Cache-Control", "no-store");
    }

    private static ObjectNode describe(Attempt what, Repetitions times) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("kind", what.kind().name().toLowerCase(Locale.ROOT))
                .put("address", what.address());
        if (what.repository() != null) {
            json.put("repository", what.repository());
        }
        return json.put("reason", what.reason())
                .put("detail", times.detail())
                .put("first", times.first().toString())
                .put("last", times.last().toString())
                .put("count", times.count());
    }
}
