package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishService;

/** Where a repository that is gone is forgotten: {@code POST /api/v1/repositories/NAME/forget}, without a body. */
final class ForgetResource implements Route {

    private static final String BEFORE = "/api/v1/repositories" + "/";
    private static final String AFTER = "/forget";

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
            exchange.answer(PublishRoute.UNKNOWN_REPOSITORY);
            return;
        }
        var unused = admission
                .forget(repository, Callers.of(request))
                .thenAccept(outcome -> exchange.answer(PublishRoute.answer(outcome, request.head())));
    }
}
