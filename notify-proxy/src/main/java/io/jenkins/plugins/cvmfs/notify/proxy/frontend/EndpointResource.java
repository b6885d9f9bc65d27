package io.jenkins.plugins.cvmfs.notify.proxy.frontend;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves an {@link Endpoint}, away from the event loops. */
final class EndpointResource implements Resource {

    private static final Logger LOG = LoggerFactory.getLogger(EndpointResource.class);

    private final Endpoint endpoint;
    private final Executor executor;

    /** @param executor one bounded thread, which may reject */
    EndpointResource(Endpoint endpoint, Executor executor) {
        this.endpoint = endpoint;
        this.executor = executor;
    }

    @Override
    public boolean serves(String path) {
        return endpoint.serves(path);
    }

    @Override
    public Methods methods() {
        return Methods.READ;
    }

    @Override
    public int maxBodyBytes() {
        return 0;
    }

    @Override
    public String name() {
        return "endpoint";
    }

    @Override
    public void handle(Request request, Exchange exchange) {
        EndpointRequest asked = EndpointRequest.of(request.head());
        try {
            executor.execute(() -> exchange.answer(read(asked)));
        } catch (RejectedExecutionException e) {
            exchange.answer(
                    Answer.error(HttpResponseStatus.SERVICE_UNAVAILABLE, "busy").with("Retry-After", "1"));
        }
    }

    private Answer read(EndpointRequest request) {
        try {
            return answer(endpoint.get(request));
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).addKeyValue("path", request.path()).log("endpoint failed");
            return Answer.error(HttpResponseStatus.INTERNAL_SERVER_ERROR, "internal_error");
        }
    }

    private static Answer answer(EndpointReply reply) {
        Answer answer = new Answer(HttpResponseStatus.valueOf(reply.status()), "", reply.contentType(), reply.body());
        for (Map.Entry<String, String> header : reply.headers().entrySet()) {
            answer = answer.with(header.getKey(), header.getValue());
        }
        return answer;
    }
}
