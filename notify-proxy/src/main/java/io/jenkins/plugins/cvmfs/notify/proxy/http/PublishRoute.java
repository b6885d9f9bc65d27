package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.client.message.ServerReply;
import io.jenkins.plugins.cvmfs.notify.proxy.access.AddressGroup;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Accepted;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Invalid;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Reason;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Refused;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.TooLarge;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Unavailable;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishService;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.RateLimiter;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Where both generations publish. The body is the message, whatever its content type. */
final class PublishRoute implements Route {

    private static final Set<String> PATHS = Set.of("/api/v1/publish", "/api/v1/notifications/publish");

    /**
     * The publisher of CernVM-FS searches the body beyond the end of its buffer; with some versions of libcurl it then takes a success for a
     * failure. Where there is no body it finds nothing.
     */
    private static final Response DONE_FOR_CVMFS = Response.empty(HttpResponseStatus.OK);

    private final PublishService admission;
    private final RateLimiter<InetAddress> perPublisher;
    private final int maxMessageBytes;

    /** @param perPublisher how often one address may publish */
    PublishRoute(PublishService admission, RateLimiter<InetAddress> perPublisher, int maxMessageBytes) {
        this.admission = admission;
        this.perPublisher = perPublisher;
        this.maxMessageBytes = maxMessageBytes;
    }

    @Override
    public boolean serves(String path) {
        return PATHS.contains(path);
    }

    @Override
    public Methods methods() {
        return Methods.POST;
    }

    @Override
    public int maxBodyBytes() {
        return maxMessageBytes;
    }

    @Override
    public String name() {
        return "publish";
    }

    @Override
    public void handle(Request request, Exchange exchange) {
        Optional<Duration> wait =
                perPublisher.take(AddressGroup.of(request.peer().address()));
        if (wait.isPresent()) {
            exchange.answer(tooMany("too_many_of_publisher", "this address publishes too often", wait.get()));
            return;
        }
        var unused = admission
                .submit(request.body(), Callers.of(request))
                .thenAccept(outcome -> exchange.answer(answer(outcome, request.head())));
    }

    private static Response answer(PublishOutcome outcome, RequestHead to) {
        if (outcome instanceof Accepted) {
            return to.isFromCvmfs() ? DONE_FOR_CVMFS : Response.json(HttpResponseStatus.OK, ServerReply.PUBLISHED);
        }
        if (outcome instanceof Invalid no) {
            return Response.json(HttpResponseStatus.BAD_REQUEST, ServerReply.INVALID_MESSAGE)
                    .withDetail(no.detail());
        }
        if (outcome instanceof Refused no) {
            return Denials.answer(no.reason(), no.detail());
        }
        if (outcome instanceof TooLarge no) {
            return Response.error(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE, "message_too_large")
                    .withDetail(no.detail());
        }
        Unavailable no = (Unavailable) outcome;
        if (no.reason() == Reason.TOO_MANY_OF_REPOSITORY) {
            return tooMany("too_many_of_repository", no.detail(), no.retryAfter());
        }
        return Response.error(
                        HttpResponseStatus.SERVICE_UNAVAILABLE,
                        no.reason().name().toLowerCase(Locale.ROOT))
                .with("Retry-After", String.valueOf(no.retryAfter().toSeconds()))
                .withDetail(no.detail());
    }

    private static Response tooMany(String reason, String detail, Duration wait) {
        return Response.error(HttpResponseStatus.TOO_MANY_REQUESTS, reason)
                .with(
                        "Retry-After",
                        String.valueOf(wait.plusSeconds(1).minusNanos(1).toSeconds()))
                .withDetail(detail);
    }
}
