package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.message.ServerReply;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/** Announces by POST. Of the paths that a server may have, the one that existed is used first the next time. */
final class HttpPublisher implements NotificationPublisher {

    private static final String RELAYS_HEADER = "X-Cvmfs-Notify-Relays";
    private static final Duration ATTEMPT_LIMIT = Duration.ofSeconds(30);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    private final HttpSender client;
    private final Timer timer;
    private final Retrier retrier;
    private final PublisherSettings settings;
    private final List<URI> urls;
    private volatile int preferred;

    HttpPublisher(HttpSender client, Timer timer, Retrier retrier, PublisherSettings settings) {
        this.client = client;
        this.timer = timer;
        this.retrier = retrier;
        this.settings = settings;
        this.urls = settings.server().publishUrls();
    }

    @Override
    public CompletableFuture<Receipt> publish(ActivityMessage message) {
        return send(
                message,
                request -> ownCredentials(message)
                        .ifPresent(credentials -> request.header(HttpSender.AUTHORIZATION, credentials)));
    }

    @Override
    public CompletableFuture<Receipt> pass(ActivityMessage message, Passage passage) {
        Optional<String> given = Optional.ofNullable(passage.authorizationOrNull());
        return send(message, request -> {
            request.header(RELAYS_HEADER, String.join(",", passage.relays()));
            // The request is not the relay's own, so the relay's address must grant nothing to it.
            given.ifPresent(credentials -> request.header("Via", "1.1 cvmfs-notify-relay"));
            given.or(() -> ownCredentials(message))
                    .ifPresent(credentials -> request.header(HttpSender.AUTHORIZATION, credentials));
        });
    }

    private Optional<String> ownCredentials(ActivityMessage message) {
        return settings.gatewayKey()
                .map(key -> key.authorization(message.raw()))
                .or(() -> HttpSender.bearer(settings.token()));
    }

    /** @param headers adds to each request; may throw, which fails the attempt */
    private CompletableFuture<Receipt> send(ActivityMessage message, Consumer<HttpRequest.Builder> headers) {
        BackOff pauses = new BackOff(FIRST_PAUSE, LONGEST_PAUSE, ThreadLocalRandom.current()::nextDouble);
        int attempts = settings.timeLimit().isZero() ? 1 : Integer.MAX_VALUE;
        return retrier.run(
                settings.server().toString(),
                new Retrier.Policy(attempts, ATTEMPT_LIMIT, settings.timeLimit(), pauses),
                settings.retries(),
                number -> post(message, headers, number, preferred, urls.size()));
    }

    /** Posts to one path, and if it does not exist to the next. */
    private CompletableFuture<Receipt> post(
            ActivityMessage message, Consumer<HttpRequest.Builder> headers, int attempt, int path, int pathsLeft) {
        URI url = urls.get(path);
        return Futures.compose(client.send(request(url, message, headers), ServerReply.MAX_BYTES), response -> {
            if (response.statusCode() == 404 && pathsLeft > 1) {
                return post(message, headers, attempt, (path + 1) % urls.size(), pathsLeft - 1);
            }
            boolean isOk = response.statusCode() == 200
                    && ServerReply.parse(response.body())
                            .filter(ServerReply::isOk)
                            .isPresent();
            if (!isOk) {
                throw failure(url, response);
            }
            preferred = path;
            return CompletableFuture.completedFuture(new Receipt(url, attempt));
        });
    }

    private HttpRequest request(URI url, ActivityMessage message, Consumer<HttpRequest.Builder> headers) {
        HttpRequest.Builder request = client.request(url)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(message.raw()));
        headers.accept(request);
        return request.build();
    }

    private NotifyException failure(URI url, HttpSender.Answer response) {
        int status = response.statusCode();
        String reason = reason(response);
        String because = reason.isEmpty() ? "" : ": " + reason;
        Obstacle.Status cause = new Obstacle.Status(status);
        return switch (status) {
            case 200 ->
                new PermanentFailureException(
                        "%s: answered 200, but not as a notification service does; is it one?%s"
                                .formatted(url, reason.isEmpty() ? "" : " Its reason: " + reason),
                        cause);
            case 400, 422 ->
                new InvalidInputException(
                        "%s: the server rejects the message as invalid (%d)%s".formatted(url, status, because), cause);
            case 413 ->
                new InvalidInputException(
                        "%s: the server rejects the message as too large (413)%s".formatted(url, because), cause);
            case 404 ->
                new PermanentFailureException(
                        "no notification service at any of %s (404)%s"
                                .formatted(urls, NotificationServer.mistakeIn(url)),
                        cause);
            default -> HttpErrors.ofStatus(status, response.headers(), url, timer.now(), reason);
        };
    }

    /** Returns the server's explanation: the header for people, else the reply's reason. */
    private static String reason(HttpSender.Answer response) {
        return HttpErrors.detail(response.headers())
                .or(() -> ServerReply.parse(response.body())
                        .map(reply -> Excerpt.of(reply.reason(), HttpErrors.LONGEST_DETAIL)))
                .orElse("");
    }
}
