package io.jenkins.plugins.cvmfs.notify.proxy.access;

import static io.jenkins.plugins.cvmfs.notify.proxy.access.AccessRules.NO_BODY;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.CallerRights;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Credentials.Identity;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.Denied;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.IfVerified;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.UpToUpstream;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.Grants;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryPattern;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Request;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Response;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Route;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * {@code GET /api/v1/rights}: what the caller may do, nothing of which it could not also try; with {@code repository} parameters for
 * each of these.
 */
public final class RightsRoute implements Route {

    /** For each network, in the long run: each answer tells whether credentials are valid. */
    private static final int PER_SECOND = 10;

    private final Supplier<AccessRules> access;
    private final RateLimiter<InetAddress> perNetwork;

    /** @param access returns the rules in effect */
    public RightsRoute(Supplier<AccessRules> access) {
        this(access, new RateLimiter<>(PER_SECOND));
    }

    RightsRoute(Supplier<AccessRules> access, RateLimiter<InetAddress> perNetwork) {
        this.access = access;
        this.perNetwork = perNetwork;
    }

    @Override
    public boolean serves(String path) {
        return path.equals(CallerRights.PATH);
    }

    @Override
    public void handle(Request request, Exchange exchange) {
        Optional<Duration> wait = perNetwork.take(request.peer().network());
        if (wait.isPresent()) {
            exchange.answer(Response.error(429, "too_many_requests")
                    .with("Retry-After", String.valueOf(wait.get().toSeconds() + 1))
                    .withDetail(
                            "this address asks too often; more than %d in a second are refused".formatted(PER_SECOND)));
            return;
        }
        List<RepositoryName> names;
        try {
            names = names(request);
        } catch (InvalidInputException e) {
            exchange.answer(Response.error(400, "malformed_request").withDetail(String.valueOf(e.getMessage())));
            return;
        }
        AccessRules rules = access.get();
        var unused = rules.identified(Caller.of(request))
                .thenApply(caller -> answer(rules, caller, names))
                .exceptionally(impossible -> Response.error(500, "internal_error"))
                .thenAccept(exchange::answer);
    }

    private static List<RepositoryName> names(Request request) {
        List<String> names = request.parameters("repository");
        if (names.size() > CallerRights.MOST) {
            throw new InvalidInputException(
                    "%d repositories are named, allowed are %d".formatted(names.size(), CallerRights.MOST));
        }
        return names.stream().map(RepositoryName::new).toList();
    }

    private static Response answer(AccessRules rules, Caller caller, List<RepositoryName> names) {
        Identity identity = rules.identify(caller, NO_BODY);
        if (identity instanceof Identity.Refused && rules.mayPublishSome(caller, NO_BODY) instanceof Denied wrong) {
            return wrong.reason().response(wrong.detail());
        }
        return Response.json(200, describe(rules, caller, identity, names).toString())
                .with("Cache-Control", "no-store");
    }

    private static ObjectNode describe(
            AccessRules rules, Caller caller, Identity identity, List<RepositoryName> names) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        String credentials = identity instanceof Identity.Known
                ? "valid"
                : identity instanceof Identity.Refused ? "unknown" : "none";
        body.put("credentials", credentials);
        if (identity instanceof Identity.Known known) {
            body.put("identity", known.name());
            if (!known.shortfall().isEmpty()) {
                body.put("detail", known.shortfall());
            }
        }
        List<Grants> grants = rules.grants(caller);
        add(body.putArray("publish"), grants, Grants::publish);
        add(body.putArray("subscribe"), grants, Grants::subscribe);
        add(body.putArray("refresh"), grants, Grants::refresh);
        AccessRules.SubscriberRights subscriber = rules.subscriber(caller);
        ArrayNode repositories = body.putArray("repositories");
        for (RepositoryName name : names) {
            repositories
                    .addObject()
                    .put("repository", name.value())
                    .put("publish", word(rules.mayPublish(caller, name, NO_BODY)))
                    .put("subscribe", word(subscriber.check(name)));
        }
        return body;
    }

    private static void add(ArrayNode texts, List<Grants> grants, Function<Grants, List<RepositoryPattern>> right) {
        grants.stream()
                .map(right)
                .flatMap(List::stream)
                .map(RepositoryPattern::text)
                .distinct()
                .forEach(texts::add);
    }

    private static String word(Permission permission) {
        if (permission instanceof IfVerified) {
            return "verified";
        }
        if (permission instanceof UpToUpstream) {
            return "upstream";
        }
        return permission instanceof Denied ? "no" : "yes";
    }
}
