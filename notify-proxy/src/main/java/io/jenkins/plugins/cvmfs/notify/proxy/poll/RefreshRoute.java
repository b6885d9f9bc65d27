package io.jenkins.plugins.cvmfs.notify.proxy.poll;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.access.AccessRules;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Caller;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.Denied;
import io.jenkins.plugins.cvmfs.notify.proxy.access.RateLimiter;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Secret;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Request;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Response;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Route;
import io.jenkins.plugins.cvmfs.notify.proxy.poll.PollOutcome.Announced;
import io.jenkins.plugins.cvmfs.notify.proxy.poll.PollOutcome.NotAnnounced;
import io.jenkins.plugins.cvmfs.notify.proxy.poll.PollOutcome.Older;
import io.jenkins.plugins.cvmfs.notify.proxy.poll.PollOutcome.Unchanged;
import io.jenkins.plugins.cvmfs.notify.proxy.poll.PollOutcome.Unreadable;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishRoute;
import java.math.BigInteger;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the manifest of a repository and announces it if it is new: {@code POST /api/v1/repositories/NAME/refresh}, for callers that can
 * only call a URL with {@code /TOKEN} at its end. The body is ignored, so that any webhook can call it.
 */
public final class RefreshRoute implements Route {

    private static final Logger LOG = LoggerFactory.getLogger(RefreshRoute.class);

    private static final Pattern PATH = Pattern.compile("/api/v1/repositories/([^/]+)/refresh(?:/([^/]*))?");

    /** For each network, in the long run; a webhook calls once for each publish. */
    private static final int PER_SECOND = 10;

    private static final Response UNKNOWN = Response.error(404, "unknown_repository");

    private final PollSource source;
    private final Supplier<AccessRules> access;
    private final int maxBodyBytes;
    private final RateLimiter<InetAddress> perNetwork = new RateLimiter<>(PER_SECOND);

    /** @param access returns the rules in effect */
    public RefreshRoute(PollSource source, Supplier<AccessRules> access, int maxBodyBytes) {
        this.source = source;
        this.access = access;
        this.maxBodyBytes = maxBodyBytes;
    }

    @Override
    public boolean serves(String path) {
        return PATH.matcher(path).matches();
    }

    @Override
    public Methods methods() {
        return Methods.POST;
    }

    @Override
    public int maxBodyBytes() {
        return maxBodyBytes;
    }

    @Override
    public String name() {
        return "refresh";
    }

    @Override
    public void handle(Request request, Exchange exchange) {
        Optional<Duration> wait = perNetwork.take(request.peer().network());
        if (wait.isPresent()) {
            exchange.answer(Response.error(429, "too_many_refreshes")
                    .with("Retry-After", String.valueOf(wait.get().toSeconds() + 1))
                    .withDetail(
                            "this address asks too often; more than %d in a second are refused".formatted(PER_SECOND)));
            return;
        }
        Matcher path = PATH.matcher(request.path());
        RepositoryName repository;
        try {
            repository = new RepositoryName(path.matches() ? path.group(1) : "");
        } catch (InvalidInputException e) {
            exchange.answer(UNKNOWN);
            return;
        }
        AccessRules rules = access.get();
        if (path.group(2) != null) {
            Permission permission = rules.mayRefresh(new Secret(path.group(2)), repository);
            refresh(repository, permission, request, exchange);
        } else {
            var unused = rules.identified(Caller.of(request))
                    .thenAccept(caller -> refresh(repository, rules.mayRefresh(caller, repository), request, exchange));
        }
    }

    private void refresh(RepositoryName repository, Permission permission, Request request, Exchange exchange) {
        String address = request.peer().address().getHostAddress();
        if (permission instanceof Denied no) {
            LOG.atInfo()
                    .addKeyValue("repository", repository)
                    .addKeyValue("address", address)
                    .addKeyValue("reason", no.reason())
                    .addKeyValue("detail", no.detail())
                    .log("refresh refused");
            exchange.answer(no.reason().response(no.detail()));
            return;
        }
        var unused = source.refresh(repository, new PollSource.Cause("refresh by " + permission.holder(), address))
                .thenAccept(outcome -> exchange.answer(response(repository, outcome)));
    }

    private static Response response(RepositoryName repository, PollOutcome outcome) {
        if (outcome instanceof Announced now) {
            return found(repository, now.manifest(), true);
        }
        if (outcome instanceof Unchanged known) {
            return found(repository, known.manifest(), false);
        }
        if (outcome instanceof Older behind) {
            return found(repository, behind.manifest(), false)
                    .withDetail("the announced revision %s is newer".formatted(behind.announced()));
        }
        if (outcome instanceof NotAnnounced no) {
            return PublishRoute.response(no.why());
        }
        if (outcome instanceof Unreadable no) {
            return Response.error(502, "manifest_unreadable")
                    .withDetail(no.why().sentence());
        }
        return UNKNOWN.withDetail("repositories has no entry with stratum0 for it; nothing else is read");
    }

    private static Response found(RepositoryName repository, Manifest manifest, boolean announced) {
        return Response.json(
                200,
                JsonNodeFactory.instance
                        .objectNode()
                        .put("status", "ok")
                        .put("announced", announced)
                        .put("repository", repository.value())
                        .put("revision", new BigInteger(manifest.revision().toString()))
                        .put("revision_text", manifest.revision().toString())
                        .put("root_hash", manifest.rootCatalog().toString())
                        .toString());
    }
}
