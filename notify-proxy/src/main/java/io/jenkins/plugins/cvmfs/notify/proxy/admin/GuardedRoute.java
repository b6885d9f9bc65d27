package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import io.jenkins.plugins.cvmfs.notify.proxy.http.Request;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Response;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Route;
import java.util.function.Predicate;

/** A route for those who may see the status page; others are answered with 401. */
public final class GuardedRoute implements Route {

    static final Response CREDENTIALS_NEEDED =
            Response.error(401, "credentials_needed").with("WWW-Authenticate", "Bearer realm=\"cvmfs-notify\"");

    private final Route route;
    private final Predicate<Request> isAllowed;

    /** @param isAllowed asked on the event loops */
    public GuardedRoute(Route route, Predicate<Request> isAllowed) {
        this.route = route;
        this.isAllowed = isAllowed;
    }

    @Override
    public boolean serves(String path) {
        return route.serves(path);
    }

    @Override
    public Methods methods() {
        return route.methods();
    }

    @Override
    public int maxBodyBytes() {
        return route.maxBodyBytes();
    }

    @Override
    public String name() {
        return route.name();
    }

    @Override
    public void handle(Request request, Exchange exchange) {
        if (isAllowed.test(request)) {
            route.handle(request, exchange);
        } else {
            exchange.answer(CREDENTIALS_NEEDED);
        }
    }
}
