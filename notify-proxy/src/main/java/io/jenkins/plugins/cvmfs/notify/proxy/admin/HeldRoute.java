package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.proxy.hold.Hold;
import io.jenkins.plugins.cvmfs.notify.proxy.hold.Hold.HeldRevision;
import io.jenkins.plugins.cvmfs.notify.proxy.http.BlockingRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Request;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Response;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * {@code /api/v1/held}: the revisions that subscribers are not told yet, and why; with {@code repository} parameters only theirs.
 */
public final class HeldRoute extends BlockingRoute {

    private static final String PATH = "/api/v1/held";

    private final Hold hold;

    /** @param executor see {@link BlockingRoute} */
    public HeldRoute(Hold hold, Executor executor) {
        super(PATH, executor);
        this.hold = hold;
    }

    @Override
    protected Response get(Request request) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ArrayNode all = body.putArray("held");
        List<String> named = request.parameters("repository");
        hold.heldRevisions().stream()
                .filter(held -> named.isEmpty()
                        || named.contains(held.newest().message().repository().value()))
                .forEach(held -> all.add(describe(held)));
        return Response.json(200, body.toString()).with("Cache-Control", "no-store");
    }

    /** Describes a held revision, here and in the status. */
    static ObjectNode describe(HeldRevision held) {
        return ManifestJson.of(
                        held.newest().message().repository(),
                        held.newest().message().manifest())
                .put("announced", held.newest().announcedAt().toString())
                .put("since", held.since().toString())
                .put("until", held.until().toString())
                .put("why", held.why());
    }
}
