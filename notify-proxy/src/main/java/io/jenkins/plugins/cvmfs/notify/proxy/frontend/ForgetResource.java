package io.jenkins.plugins.cvmfs.notify.proxy.frontend;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.protocol.Replies;
import io.jenkins.plugins.cvmfs.notify.proxy.admission.Admission;
import io.jenkins.plugins.cvmfs.notify.proxy.admission.ForgetOutcome;
import io.netty.handler.codec.http.HttpResponseStatus;

/** Where a repository that is gone is forgotten: {@code POST /api/v1/repositories/NAME/forget}, without a body. */
final class ForgetResource implements Resource {

    private static final String BEFORE = "/api/v1/repositories" + "/";
    private static final String AFTER = "/forget";
    private static final Answer UNKNOWN = Answer.error(HttpResponseStatus.NOT_FOUND, "unknown_repository");

    private final Admission admission;

    ForgetResource(Admission admission) {
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

    private static Answer answer(ForgetOutcome outcome) {
        if (outcome instanceof ForgetOutcome.Forgotten) {
            return Answer.json(HttpResponseStatus.OK, Replies.PUBLISHED);
        }
        if (outcome instanceof ForgetOutcome.Refused no) {
            return Denials.answer(no.reason(), no.detail());
        }
        if (outcome instanceof ForgetOutcome.Unavailable no) {
            return Answer.error(HttpResponseStatus.SERVICE_UNAVAILABLE, "log_unavailable")
                    .with("Retry-After", "1")
                    .withDetail(no.detail());
        }
        return UNKNOWN;
    }
}
