package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.jenkins.plugins.cvmfs.notify.proxy.http.BlockingRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Request;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Response;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** {@code /api/v1/webhooks}: the state of the webhooks. For those who may see the status page. */
public final class WebhooksRoute extends BlockingRoute {

    private static final String PATH = "/api/v1/webhooks";

    private final Supplier<ArrayNode> webhooks;
    private final Predicate<Request> isAllowed;

    /**
     * @param webhooks describes them, without anything secret
     * @param isAllowed asked on the event loops; a request that is not allowed is answered with 401
     * @param executor see {@link BlockingRoute}
     */
    public WebhooksRoute(Supplier<ArrayNode> webhooks, Predicate<Request> isAllowed, Executor executor) {
        super(executor);
        this.webhooks = webhooks;
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
        return Response.json(
                        200,
                        JsonNodeFactory.instance
                                .objectNode()
                                .set("webhooks", webhooks.get())
                                .toString())
                .with("Cache-Control", "no-store");
    }
}
