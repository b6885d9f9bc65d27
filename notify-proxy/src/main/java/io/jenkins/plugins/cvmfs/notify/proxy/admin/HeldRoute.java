package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.proxy.hold.HeldRevision;
import io.jenkins.plugins.cvmfs.notify.proxy.hold.Hold;
import io.jenkins.plugins.cvmfs.notify.proxy.http.BlockingRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Request;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Response;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Predicate;

/**
 * {@code /api/v1/held}: the revisions that subscribers are not told yet, and why; with {@code repository} parameters only theirs. For those who may see the status page.
 */
public final class HeldRoute extends BlockingRoute {

    private static final String PATH = "/api/v1/held";

    private final Hold hold;
    private final Predicate<Request> isAllowed;

    /**
     * @param isAllowed asked on the event loops; a request that is not allowed is answered with 401
     * @param executor see {@link BlockingRoute}
     */
    public HeldRoute(Hold hold, Predicate<Request> isAllowed, Executor executor) {
        super(executor);
        this.hold = hold;
        this.isAllowed = isAllowed;
    }

    @Override
    public boolean serves(String path) {
        return path.equals(PATH);
    }

    @Override
    public void handle(Request request, Exchange exchange) {
        if (isAllowed.test(request)) {
            super.handle(request, exchange);
        } else {
            exchange.answer(StatusRoute.CREDENTIALS_NEEDED);
        }
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
