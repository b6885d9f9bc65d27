package io.jenkins.plugins.cvmfs.notify.proxy.subscribe;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.message.SubscribeMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.access.AccessRules;
import io.jenkins.plugins.cvmfs.notify.proxy.access.AccessRules.SubscriberRights;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Denial;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.Denied;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Refusals;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LimitsConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.ResumePoint;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.SubscribeResult;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Request;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Response;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Route;
import io.jenkins.plugins.cvmfs.notify.proxy.log.ActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes the subscriptions of both generations. Upgrade headers ask for a WebSocket, a body asks for the event stream of the C++ clients,
 * {@code repository} parameters for that of browsers.
 */
public final class SubscribeRoute implements Route {

    private static final Set<String> PATHS = Set.of("/api/v1/subscribe", "/api/v1/notifications/subscribe");
    private static final String LAST_EVENT_ID = "Last-Event-ID";
    private static final RepositoryName ANY = new RepositoryName("any");

    /** To HEAD, which opens no stream. */
    private static final Response HEAD_ONLY =
            new Response(200, "text/event-stream", "").with("Cache-Control", "no-cache");

    private final Subscriptions subscriptions;

    /** @param access returns the rules in effect */
    public SubscribeRoute(
            FanOut fanOut,
            ActivityLog log,
            Supplier<AccessRules> access,
            Refusals refusals,
            LimitsConfig limits,
            MeterRegistry meters) {
        this.subscriptions = new Subscriptions(fanOut, log, access, refusals, limits, meters);
    }

    @Override
    public boolean serves(String path) {
        return PATHS.contains(path);
    }

    @Override
    public int maxBodyBytes() {
        return SubscribeMessage.MAX_BYTES;
    }

    @Override
    public String name() {
        return "subscribe";
    }

    @Override
    public void handle(Request request, Exchange exchange) {
        try {
            ResumePoint resume = resumePoint(request);
            requireHold(request);
            SubscriberRights rights = subscriptions.rights(request);
            if (request.isWebSocketUpgrade()) {
                openWebSocket(request, rights, resume, exchange);
            } else {
                openStream(request, rights, resume, exchange);
            }
        } catch (InvalidInputException e) {
            subscriptions.refusedAsInvalid(e.getMessage(), subscriptions.rights(request));
            exchange.answer(Response.error(400, "invalid_subscription").withDetail(String.valueOf(e.getMessage())));
        }
    }

    private void openWebSocket(Request request, SubscriberRights rights, ResumePoint resume, Exchange exchange) {
        List<RepositoryName> repositories = repositories(request);
        Optional<Response> refusal = WebSocketHandshake.refusal(request)
                .or(() -> denial(rights, repositories))
                .or(() -> wrongCredentials(rights))
                .or(() -> overLimit(repositories, rights));
        if (refusal.isPresent()) {
            exchange.answer(refusal.get());
        } else {
            exchange.handOver(
                    channel -> WebSocketSubscriber.open(channel, subscriptions, rights, request, resume, repositories));
        }
    }

    /** Refuses what exceeds a limit while the response still has a status. */
    private void openStream(Request request, SubscriberRights rights, ResumePoint resume, Exchange exchange) {
        List<RepositoryName> repositories = request.body().length > 0
                ? List.of(SubscribeMessage.parse(request.body()).repository())
                : repositories(request);
        Optional<Response> refusal = repositories.isEmpty()
                ? Optional.of(WebSocketHandshake.UPGRADE_REQUIRED)
                : denial(rights, repositories).or(() -> overLimit(repositories, rights));
        if (refusal.isPresent()) {
            exchange.answer(refusal.get());
        } else if (request.isHead()) {
            exchange.answer(HEAD_ONLY);
        } else {
            exchange.handOver(channel ->
                    EventStreamSubscriber.open(channel, subscriptions, rights, request, repositories, resume));
        }
    }

    private Optional<Response> overLimit(List<RepositoryName> repositories, SubscriberRights rights) {
        if (repositories.size() > subscriptions.limits().maxSubscriptionsPerConnection()) {
            return Optional.of(refusal(400, SubscribeResult.TOO_MANY_SUBSCRIPTIONS, rights));
        }
        return subscriptions.hasRoomFor(repositories, rights)
                ? Optional.empty()
                : Optional.of(refusal(503, SubscribeResult.TOO_MANY_REPOSITORIES, rights)
                        .with("Retry-After", "5"));
    }

    private Response refusal(int status, SubscribeResult result, SubscriberRights rights) {
        subscriptions.refused(result, null, rights);
        return Response.error(status, Subscriptions.word(result));
    }

    private Optional<Response> denial(SubscriberRights rights, List<RepositoryName> repositories) {
        for (RepositoryName repository : repositories) {
            if (rights.check(repository) instanceof Denied denied) {
                return Optional.of(denial(denied, repository, rights));
            }
        }
        return Optional.empty();
    }

    /** A WebSocket's repositories are unknown yet, but wrong credentials are not. */
    private Optional<Response> wrongCredentials(SubscriberRights rights) {
        return rights.check(ANY) instanceof Denied denied && denied.reason() == Denial.INVALID_CREDENTIALS
                ? Optional.of(denial(denied, null, rights))
                : Optional.empty();
    }

    private Response denial(Denied denied, @Nullable RepositoryName repository, SubscriberRights rights) {
        String body = subscriptions.refused(denied, repository, rights);
        return denied.reason().response(denied.detail()).withBody(body);
    }

    /** Returns the repositories named by parameters, each once. */
    private static List<RepositoryName> repositories(Request request) {
        return request.parameters("repository").stream()
                .map(RepositoryName::new)
                .distinct()
                .toList();
    }

    /** Returns true if the subscriber wants announcements also while they are held: {@code ?hold=none}. */
    static boolean isEarly(Request request) {
        return request.parameter("hold").isPresent();
    }

    private static void requireHold(Request request) {
        request.parameter("hold").filter(value -> !value.equals("none")).ifPresent(value -> {
            throw new InvalidInputException("parameter 'hold': '%s' is not none".formatted(Excerpt.of(value)));
        });
    }

    /**
     * Returns what the subscriber has: the header {@code Last-Event-ID}, else the parameter of that name, else {@code after}. The header
     * comes first because a browser that reconnects sends it with its first URL.
     */
    static ResumePoint resumePoint(Request request) {
        return request.header(LAST_EVENT_ID)
                .or(() -> request.parameter(LAST_EVENT_ID))
                .map(SubscribeRoute::afterEvent)
                .or(() -> request.parameter("after").map(SubscribeRoute::afterRevision))
                .orElse(ResumePoint.FROM_LAST_VALUE);
    }

    private static ResumePoint afterEvent(String id) {
        Optional<LogPosition> position = LogPosition.parse(id);
        if (position.isPresent()) {
            return new ResumePoint.AfterPosition(position.get());
        }
        try {
            return new ResumePoint.AfterRevision(Revision.parse(id));
        } catch (InvalidInputException idOfAnotherServer) {
            return ResumePoint.FROM_LAST_VALUE;
        }
    }

    private static ResumePoint afterRevision(String revision) {
        try {
            return new ResumePoint.AfterRevision(Revision.parse(revision));
        } catch (InvalidInputException e) {
            throw new InvalidInputException("parameter 'after': " + e.getMessage());
        }
    }
}
