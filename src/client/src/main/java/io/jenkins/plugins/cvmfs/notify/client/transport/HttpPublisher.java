package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.message.ServerReply;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;

/** Publishes by POST. Of several paths a server may have, the one that was there is remembered. */
final class HttpPublisher implements NotificationPublisher {

    private static final int LONGEST_REASON = 300;
    private static final Duration ATTEMPT_LIMIT = Duration.ofSeconds(30);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    private final HttpSender client;
    private final Timer timer;
    private final PublisherSettings settings;
    private final OpenFutures open;
    private final List<URI> urls;
    private volatile int remembered;

    HttpPublisher(HttpSender client, Timer timer, PublisherSettings settings, OpenFutures open) {
        this.client = client;
        this.timer = timer;
        this.settings = settings;
        this.open = open;
        this.urls = settings.server().publishUrls();
    }

    @Override
    public CompletableFuture<PublishReceipt> publish(ActivityMessage message) {
        return open.add(RetryPolicy.run(
                timer,
                settings.server().toString(),
                plan(),
                number -> post(message, number, remembered, urls.size()),
                settings.retries()));
    }

    private RetryPlan plan() {
        BackOff pauses = new BackOff(FIRST_PAUSE, LONGEST_PAUSE, ThreadLocalRandom.current()::nextDouble);
        int attempts = settings.timeLimit().isZero() ? 1 : Integer.MAX_VALUE;
        return new RetryPlan(attempts, ATTEMPT_LIMIT, settings.timeLimit(), pauses);
    }

    /** Posts to one path, and where there is nothing to the next. */
    private CompletableFuture<PublishReceipt> post(ActivityMessage message, int attempt, int path, int pathsLeft) {
        URI url = urls.get(path);
        return Chain.compose(
                client.send(request(url, message), LimitedBody.upTo(ServerReply.MAX_BYTES, url)), response -> {
                    if (response.statusCode() == 404 && pathsLeft > 1) {
                        return post(message, attempt, (path + 1) % urls.size(), pathsLeft - 1);
                    }
                    requireAccepted(url, response);
                    remembered = path;
                    return CompletableFuture.completedFuture(new PublishReceipt(url, attempt));
                });
    }

    private HttpRequest request(URI url, ActivityMessage message) {
        HttpRequest.Builder request = client.request(url)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(message.raw()));
        settings.gatewayKey()
                .map(key -> key.authorization(message.raw()))
                .or(() -> BearerToken.header(settings.token()))
                .ifPresent(credentials -> request.header(BearerToken.HEADER, credentials));
        return request.build();
    }

    private void requireAccepted(URI url, HttpResponse<byte[]> response) {
        boolean isOk =
                ServerReply.parse(response.body()).filter(ServerReply::isOk).isPresent();
        if (response.statusCode() != 200 || !isOk) {
            throw refusal(url, response);
        }
    }

    private NotifyException refusal(URI url, HttpResponse<byte[]> response) {
        String reason = reason(response);
        return switch (response.statusCode()) {
            case 200 ->
                new PermanentFailureException("%s: answered 200, but not as a notification service does; is it one?%s"
                        .formatted(url, reason.isEmpty() ? "" : " It says: " + reason));
            case 400, 413, 422 ->
                new InvalidInputException("%s: the server says the message is wrong (%d): %s"
                        .formatted(url, response.statusCode(), reason));
            case 404 ->
                new PermanentFailureException("no notification service at any of %s (404)%s"
                        .formatted(urls, NotificationServer.mistakeIn(url)));
            default -> UnexpectedAnswer.of(response.statusCode(), response.headers(), url, timer.now(), reason);
        };
    }

    /** The server's own words: the header for humans, else the reply's reason. */
    private static String reason(HttpResponse<byte[]> response) {
        String reason = UnexpectedAnswer.detail(response.headers())
                .or(() -> ServerReply.parse(response.body()).map(ServerReply::reason))
                .orElse("");
        return Excerpt.of(reason, LONGEST_REASON);
    }
}
