package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ServerReply;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.ForgetOutcome;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishService;
import io.netty.handler.codec.http.HttpResponseStatus;

/** Where a repository that is gone is forgotten: {@code POST /api/v1/repositories/NAME/forget}, without a body. */
final class ForgetResource implements Route {

    private static final String BEFORE = "/api/v1/repositories" + "/";
    private static final String AFTER = "/forget";
    private static final Response UNKNOWN = Response.error(HttpResponseStatus.NOT_FOUND, "unknown_repository");

    private final PublishService admission;

    ForgetResource(PublishService admission) {
        this.admission = admission;
    }

    @Override
    public boolean serves(String path) {
        return path.startsWith(BEFORE) && path.endsWith(AFTER) && path.length() > BEFORE.length() + AFTER.length();
    }

    @Override
    public Methods methods() {
        return Methods.POST;
    }

    @Override
    public int maxBodyBytes() {
        return 0;
    }

    @Override
    public String name() {
        return "forget";
    }

    @Override
    public void handle(Request request, Exchange exchange) {
        String path = request.head().target().path();
        RepositoryName repository;
        try {
            repository = new RepositoryName(path.substring(BEFORE.length(), path.length() - AFTER.length()));
        } catch (InvalidInputException e) {
            exchange.answer(UNKNOWN);
            return;
        }
        var unused = admission
                .forget(repository, Callers.of(request))
                .thenAccept(outcome -> exchange.answer(answer(outcome)));
    }

    private static Response answer(ForgetOutcome outcome) {
        if (outcome instanceof ForgetOutcome.Forgotten) {
            return Response.json(HttpResponseStatus.OK, ServerReply.PUBLISHED);
        }
        if (outcome instanceof ForgetOutcome.Refused no) {
            return Denials.answer(no.reason(), no.detail());
        }
        if (outcome instanceof ForgetOutcome.Unavailable no) {
            return Response.error(HttpResponseStatus.SERVICE_UNAVAILABLE, "log_unavailable")
                    .with("Retry-After", "1")
                    .withDetail(no.detail());
        }
        return UNKNOWN;
    }
}
