package io.jenkins.plugins.cvmfs.notify.proxy.publish;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Caller;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Request;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Route;

/** Forgets the last value of a repository: {@code POST /api/v1/repositories/NAME/forget}, without a body. */
public final class ForgetRoute implements Route {

    private static final String REPOSITORIES = "/api/v1/repositories";
    private static final String PREFIX = REPOSITORIES + "/";
    private static final String SUFFIX = "/forget";

    private final PublishService service;

    public ForgetRoute(PublishService service) {
        this.service = service;
    }

    @Override
    public boolean serves(String path) {
        return path.startsWith(PREFIX) && path.endsWith(SUFFIX) && path.length() > PREFIX.length() + SUFFIX.length();
    }

    @Override
    public Methods methods() {
        return Methods.POST;
    }

    @Override
    public String name() {
        return "forget";
    }

    @Override
    public void handle(Request request, Exchange exchange) {
        String path = request.path();
        RepositoryName repository;
        try {
            repository = new RepositoryName(path.substring(PREFIX.length(), path.length() - SUFFIX.length()));
        } catch (InvalidInputException e) {
            exchange.answer(PublishRoute.UNKNOWN_REPOSITORY);
            return;
        }
        var unused = service.forget(repository, Caller.of(request))
                .thenAccept(outcome -> exchange.answer(PublishRoute.response(outcome)));
    }
}
