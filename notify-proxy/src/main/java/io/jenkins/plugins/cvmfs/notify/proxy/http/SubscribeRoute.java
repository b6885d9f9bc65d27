package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.MessageFormatException;
import io.jenkins.plugins.cvmfs.notify.client.message.SubscribeMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Denial;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.Denied;
import io.jenkins.plugins.cvmfs.notify.proxy.access.SubscriberRights;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.ResumePoint;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.SubscribeResult;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where both generations subscribe. The request itself says how: upgrade headers ask for a WebSocket, a body for the event stream
 * of the C++ clients, {@code repository} parameters for that of browsers.
 */
final class SubscribeRoute implements Route {

    private static final Set<String> PATHS = Set.of("/api/v1/subscribe", "/api/v1/notifications/subscribe");

    private static final RepositoryName ANY = new RepositoryName("any");

    /** To HEAD, which shows what a stream would begin with and opens none. */
    private static final Response HEAD_ONLY =
            new Response(HttpResponseStatus.OK, "Cache-Control: no-cache\r\n", "text/event-stream", "");

    private final Subscriptions subscriptions;

    SubscribeRoute(Subscriptions subscriptions) {
        this.subscriptions = subscriptions;
    }

    @Override
    public boolean serves(String path) {
        return PATHS.contains(path);
    }

    @Override
    public Methods methods() {
        return Methods.READ;
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
        RequestHead head = request.head();
        try {
            ResumePoint resume = SubscribeQuery.resume(head);
            SubscriberRights rights = subscriptions.admission().subscriber(Callers.of(request));
            if (WebSocketHandshake.isAskedFor(head)) {
                openWebSocket(head, rights, resume, exchange);
            } else if (request.body().length > 0) {
                openBareStream(request, rights, resume, exchange);
            } else if (head.target().first("repository").isPresent()) {
                openCommentedStream(head, rights, resume, exchange);
            } else {
                exchange.answer(WebSocketHandshake.UPGRADE_REQUIRED);
            }
        } catch (InvalidRequestException | MessageFormatException e) {
            subscriptions.metrics().subscriptionRefused("invalid");
            exchange.answer(Response.error(HttpResponseStatus.BAD_REQUEST, "invalid_subscription")
                    .withDetail(String.valueOf(e.getMessage())));
        }
    }

    private void openWebSocket(RequestHead head, SubscriberRights rights, ResumePoint resume, Exchange exchange) {
        List<RepositoryName> repositories = SubscribeQuery.repositories(head);
        Optional<Response> refusal = WebSocketHandshake.refusal(head)
                .or(() -> denial(rights, repositories))
                .or(() -> wrongCredentials(rights))
                .or(() -> overLimit(repositories, rights));
        if (refusal.isPresent()) {
            exchange.answer(refusal.get());
        } else {
            exchange.handOver(
                    channel -> WebSocketConnection.open(channel, subscriptions, rights, head, resume, repositories));
        }
    }

    private void openBareStream(Request request, SubscriberRights rights, ResumePoint resume, Exchange exchange) {
        RepositoryName repository = SubscribeMessage.parse(request.body()).repository();
        open(
                List.of(repository),
                rights,
                request.head(),
                exchange,
                channel -> BareEventStream.open(channel, subscriptions, rights, request.head(), repository, resume));
    }

    private void openCommentedStream(RequestHead head, SubscriberRights rights, ResumePoint resume, Exchange exchange) {
        List<RepositoryName> repositories = SubscribeQuery.repositories(head);
        open(
                repositories,
                rights,
                head,
                exchange,
                channel -> CommentedEventStream.open(channel, subscriptions, rights, head, repositories, resume));
    }

    /** Refuses what would pass a limit while there still is a status to say so with. */
    private void open(
            List<RepositoryName> repositories,
            SubscriberRights rights,
            RequestHead head,
            Exchange exchange,
            Exchange.Successor stream) {
        Optional<Response> refusal = denial(rights, repositories).or(() -> overLimit(repositories, rights));
        if (refusal.isPresent()) {
            exchange.answer(refusal.get());
        } else if (head.isHead()) {
            exchange.answer(HEAD_ONLY);
        } else {
            exchange.handOver(stream);
        }
    }

    /** The answer to a request for more than is allowed. */
    private Optional<Response> overLimit(List<RepositoryName> repositories, SubscriberRights rights) {
        if (repositories.size() > subscriptions.limits().maxSubscriptionsPerConnection()) {
            return Optional.of(refusal(HttpResponseStatus.BAD_REQUEST, SubscribeResult.TOO_MANY_SUBSCRIPTIONS));
        }
        return subscriptions.haveRoomFor(repositories, rights)
                ? Optional.empty()
                : Optional.of(refusal(HttpResponseStatus.SERVICE_UNAVAILABLE, SubscribeResult.TOO_MANY_REPOSITORIES)
                        .with("Retry-After", "5"));
    }

    /** The answer to who may not subscribe to one of these. */
    private Optional<Response> denial(SubscriberRights rights, List<RepositoryName> repositories) {
        for (RepositoryName repository : repositories) {
            if (rights.check(repository) instanceof Denied denied) {
                subscriptions.denied(denied);
                return Optional.of(Denials.toSubscriber(denied, repository));
            }
        }
        return Optional.empty();
    }

    /** Which repositories a WebSocket wants is not known yet; that its credentials are wrong is. */
    private Optional<Response> wrongCredentials(SubscriberRights rights) {
        if (rights.check(ANY) instanceof Denied denied && denied.reason() == Denial.INVALID_CREDENTIALS) {
            subscriptions.denied(denied);
            return Optional.of(Denials.toSubscriber(denied, null));
        }
        return Optional.empty();
    }

    private Response refusal(HttpResponseStatus status, SubscribeResult result) {
        String reason = Subscriptions.reason(result);
        subscriptions.metrics().subscriptionRefused(reason);
        return Response.error(status, reason);
    }
}
