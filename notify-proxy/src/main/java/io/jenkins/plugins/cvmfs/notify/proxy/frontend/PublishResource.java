package io.jenkins.plugins.cvmfs.notify.proxy.frontend;

import io.jenkins.plugins.cvmfs.notify.client.protocol.Replies;
import io.jenkins.plugins.cvmfs.notify.proxy.admission.AddressGroup;
import io.jenkins.plugins.cvmfs.notify.proxy.admission.Admission;
import io.jenkins.plugins.cvmfs.notify.proxy.admission.PublishOutcome;
import io.jenkins.plugins.cvmfs.notify.proxy.admission.PublishOutcome.Accepted;
import io.jenkins.plugins.cvmfs.notify.proxy.admission.PublishOutcome.Invalid;
import io.jenkins.plugins.cvmfs.notify.proxy.admission.PublishOutcome.Reason;
import io.jenkins.plugins.cvmfs.notify.proxy.admission.PublishOutcome.Refused;
import io.jenkins.plugins.cvmfs.notify.proxy.admission.PublishOutcome.TooLarge;
import io.jenkins.plugins.cvmfs.notify.proxy.admission.PublishOutcome.Unavailable;
import io.jenkins.plugins.cvmfs.notify.proxy.admission.RateLimit;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Where both generations publish. The body is the message, whatever its content type. */
final class PublishResource implements Resource {

    private static final Set<String> PATHS = Set.of("/api/v1/publish", "/api/v1/notifications/publish");

    /**
     * The publisher of CernVM-FS searches the body beyond the end of its buffer; with some versions of libcurl it then takes a success for a
     * failure. Where there is no body it finds nothing.
     */
    private static final Answer DONE_FOR_CVMFS = Answer.empty(HttpResponseStatus.OK);

    private final Admission admission;
    private final RateLimit<InetAddress> perPublisher;
    private final int maxMessageBytes;

    /** @param perPublisher how often one address may publish */
    PublishResource(Admission admission, RateLimit<InetAddress> perPublisher, int maxMessageBytes) {
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

    private static Answer answer(PublishOutcome outcome, RequestHead to) {
        if (outcome instanceof Accepted) {
            return to.isFromCvmfs() ? DONE_FOR_CVMFS : Answer.json(HttpResponseStatus.OK, Replies.PUBLISHED);
        }
        if (outcome instanceof Invalid no) {
            return Answer.json(HttpResponseStatus.BAD_REQUEST, Replies.INVALID_MESSAGE)
                    .withDetail(no.detail());
        }
        if (outcome instanceof Refused no) {
            return Denials.answer(no.reason(), no.detail());
        }
        if (outcome instanceof TooLarge no) {
            return Answer.error(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE, "message_too_large")
                    .withDetail(no.detail());
        }
        Unavailable no = (Unavailable) outcome;
        if (no.reason() == Reason.TOO_MANY_OF_REPOSITORY) {
            return tooMany("too_many_of_repository", no.detail(), no.retryAfter());
        }
        return Answer.error(
                        HttpResponseStatus.SERVICE_UNAVAILABLE,
                        no.reason().name().toLowerCase(Locale.ROOT))
                .with("Retry-After", String.valueOf(no.retryAfter().toSeconds()))
                .withDetail(no.detail());
    }

    private static Answer tooMany(String reason, String detail, Duration wait) {
        return Answer.error(HttpResponseStatus.TOO_MANY_REQUESTS, reason)
                .with(
                        "Retry-After",
                        String.valueOf(wait.plusSeconds(1).minusNanos(1).toSeconds()))
                .withDetail(detail);
    }
}
