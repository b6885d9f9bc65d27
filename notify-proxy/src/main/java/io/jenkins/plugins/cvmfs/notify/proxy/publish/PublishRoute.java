package io.jenkins.plugins.cvmfs.notify.proxy.publish;

import io.jenkins.plugins.cvmfs.notify.client.message.RelayPath;
import io.jenkins.plugins.cvmfs.notify.client.message.ServerReply;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Caller;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Request;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Response;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Route;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Accepted;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Invalid;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Refused;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.TooLarge;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Unavailable;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Takes the publishes of both generations. The body is the message, whatever its content type. */
public final class PublishRoute implements Route {

    static final Response UNKNOWN_REPOSITORY = Response.error(404, "unknown_repository");

    private static final String RELAYS = "X-Cvmfs-Notify-Relays";
    private static final Set<String> PATHS = Set.of("/api/v1/publish", "/api/v1/notifications/publish");

    /**
     * The publisher of CernVM-FS searches the body beyond the end of its buffer; with some versions of libcurl it then takes a success for a
     * failure. Without a body it finds nothing.
     */
    private static final Response ACCEPTED_FROM_CVMFS = Response.empty(200);

    private final PublishService service;
    private final int maxMessageBytes;

    public PublishRoute(PublishService service, int maxMessageBytes) {
        this.service = service;
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
        var unused = service.submit(request.body(), Caller.of(request), relays(request))
                .thenAccept(outcome -> exchange.answer(
                        outcome instanceof Accepted && request.isFromCvmfs()
                                ? ACCEPTED_FROM_CVMFS
                                : response(outcome)));
    }

    /** Returns the ids of the relays that passed the request on. */
    private static List<String> relays(Request request) {
        return request.header(RELAYS).stream()
                .flatMap(ids -> Arrays.stream(ids.split(",")))
                .map(String::strip)
                .filter(RelayPath::isId)
                .limit(RelayPath.MOST)
                .toList();
    }

    /** Returns the response to a publish, or to another request that ends in one. */
    public static Response response(PublishOutcome outcome) {
        if (outcome instanceof Accepted) {
            return Response.json(200, ServerReply.PUBLISHED);
        }
        if (outcome instanceof Invalid no) {
            return Response.json(400, ServerReply.INVALID_MESSAGE).withDetail(no.detail());
        }
        if (outcome instanceof Refused no) {
            return no.reason().response(no.detail());
        }
        if (outcome instanceof TooLarge no) {
            return Response.error(413, "message_too_large").withDetail(no.detail());
        }
        if (outcome instanceof Unavailable no) {
            Duration roundedUp = no.retryAfter().plusSeconds(1).minusNanos(1);
            return Response.error(no.reason().isRate() ? 429 : 503, no.reason().word())
                    .with("Retry-After", String.valueOf(roundedUp.toSeconds()))
                    .withDetail(no.detail());
        }
        return UNKNOWN_REPOSITORY;
    }
}
