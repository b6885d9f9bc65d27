package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.jenkins.plugins.cvmfs.notify.proxy.http.BlockingRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Request;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Response;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** {@code /api/v1/webhooks}: the state of the webhooks. */
public final class WebhooksRoute extends BlockingRoute {

    private static final String PATH = "/api/v1/webhooks";

    private final Supplier<ArrayNode> webhooks;

    /**
     * @param webhooks describes them, without anything secret
     * @param executor see {@link BlockingRoute}
     */
    public WebhooksRoute(Supplier<ArrayNode> webhooks, Executor executor) {
        super(PATH, executor);
        this.webhooks = webhooks;
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
