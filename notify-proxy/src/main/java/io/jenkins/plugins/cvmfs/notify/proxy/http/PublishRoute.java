package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.client.message.ServerReply;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Accepted;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Invalid;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Refused;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.TooLarge;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Unavailable;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishService;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.util.Set;

/** Where both generations publish. The body is the message, whatever its content type. */
final class PublishRoute implements Route {

    private static final Set<String> PATHS = Set.of("/api/v1/publish", "/api/v1/notifications/publish");

    /**
     * The publisher of CernVM-FS searches the body beyond the end of its buffer; with some versions of libcurl it then takes a success for a
     * failure. Where there is no body it finds nothing.
     */
    private static final Response DONE_FOR_CVMFS = Response.empty(HttpResponseStatus.OK);

    static final Response UNKNOWN_REPOSITORY = Response.error(HttpResponseStatus.NOT_FOUND, "unknown_repository");

    private final PublishService admission;
    private final int maxMessageBytes;

    PublishRoute(PublishService admission, int maxMessageBytes) {
        this.admission = admission;
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
        var unused = admission
                .submit(request.body(), Callers.of(request))
                .thenAccept(outcome -> exchange.answer(answer(outcome, request.head())));
    }

    static Response answer(PublishOutcome outcome, RequestHead to) {
        if (outcome instanceof Accepted) {
            return to.isFromCvmfs() && to.target().path().endsWith("/publish")
                    ? DONE_FOR_CVMFS
                    : Response.json(HttpResponseStatus.OK, ServerReply.PUBLISHED);
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
        if (outcome instanceof Unavailable no) {
            HttpResponseStatus status = no.reason().isRate()
                    ? HttpResponseStatus.TOO_MANY_REQUESTS
                    : HttpResponseStatus.SERVICE_UNAVAILABLE;
            Duration roundedUp = no.retryAfter().plusSeconds(1).minusNanos(1);
            return Response.error(status, no.reason().word())
                    .with("Retry-After", String.valueOf(roundedUp.toSeconds()))
                    .withDetail(no.detail());
        }
        return UNKNOWN_REPOSITORY;
    }
}
