package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One request for an event stream, and the repositories it names, which never change. It opens once and ends once. Detects a vanished
 * server by its comments, if it sends any; else by a new request from time to time, because silence is normal then.
 *
 * <p>Calls its channel without holding a lock, from the HTTP client's threads, the timer's and the one that opens it, so calls may
 * overlap: {@code accepted} at most once, {@code received} any number of times, and {@code ended} at most once, not if it is closed
 * first. A {@code received} that is under way at the end may arrive after it.
 */
final class SubscribedStream implements EventStreamParser.Sink {

    private static final String EVENT_STREAM = "text/event-stream";

    /** The names of the fields and the line breaks are added to the message. */
    private static final int MAX_EVENT_BYTES = ActivityMessage.MAX_BYTES + 1024;

    /** Three times the interval of notify-proxy's comments. */
    private static final Duration LONGEST_BETWEEN_COMMENTS = Duration.ofSeconds(90);

    /** For a server that sends no comments. */
    private static final Duration LONGEST_SILENCE = Duration.ofMinutes(30);

    /** The limit for the beginning of an answer, the gateway's excepted. */
    private static final Duration LONGEST_TO_ANSWER = Duration.ofSeconds(20);

    /** The gateway sends nothing, not even headers, before the first event: a request not refused for this time counts as accepted. */
    private static final Duration LONGEST_TO_REFUSE = Duration.ofSeconds(3);

    private final List<RepositoryName> repositories;
    private final EventStreamChannel.Style style;
    private final Timer timer;
    private final EventStreamChannel channel;
    private @Nullable String lastEventId;
    private @Nullable CompletableFuture<?> exchange;
    private IdleMonitor idleMonitor;
    private Timer.Alarm answerLimit = () -> {};
    private boolean isAccepted;
    private boolean hasComments;
    private boolean isEnded;

    /** @param lastEventId the last event's id on an earlier stream for the same repositories, or null */
    SubscribedStream(
            List<RepositoryName> repositories,
            @Nullable String lastEventId,
            EventStreamChannel.Style style,
            Timer timer,
            EventStreamChannel channel) {
        this.repositories = List.copyOf(repositories);
        this.lastEventId = lastEventId;
        this.style = style;
        this.timer = timer;
        this.channel = channel;
        this.idleMonitor = idleMonitor(LONGEST_SILENCE);
    }

    private IdleMonitor idleMonitor(Duration limit) {
        return new IdleMonitor(
                timer,
                limit,
                () -> {},
                () -> fail("the event stream was silent for %d s; reconnecting".formatted(limit.toSeconds())));
    }

    private void fail(String message) {
        ended(0, new TransientFailureException(message));
    }

    List<RepositoryName> repositories() {
        return repositories;
    }

    EventStreamChannel.Style style() {
        return style;
    }

    synchronized @Nullable String lastEventId() {
        return lastEventId;
    }

    /** Sends the request. */
    void open(HttpSender client, HttpRequest request) {
        synchronized (this) {
            answerLimit = style == EventStreamChannel.Style.BODY
                    ? timer.after(LONGEST_TO_REFUSE, this::accepted)
                    : timer.after(
                            LONGEST_TO_ANSWER,
                            () -> fail("the server did not answer the request for an event stream within %d s"
                                    .formatted(LONGEST_TO_ANSWER.toSeconds())));
        }
        String url = WebAddress.shown(request.uri());
        CompletableFuture<HttpResponse<byte[]>> opened = client.send(request, answer -> body(answer, url));
        boolean isUnwanted;
        synchronized (this) {
            exchange = opened;
            isUnwanted = isEnded;
        }
        if (isUnwanted) {
            opened.cancel(true);
        }
        Futures.whenDone(opened, (response, failure) -> {
            if (failure != null) {
                ended(0, HttpErrors.of(url, failure));
            } else {
                ended(response.statusCode(), cause(response));
            }
        });
    }

    private HttpResponse.BodySubscriber<byte[]> body(HttpResponse.ResponseInfo answer, String url) {
        if (answer.statusCode() != 200 || !isEventStream(answer.headers())) {
            return HttpSender.LimitedBody.explanation();
        }
        accepted();
        EventStreamParser parser = new EventStreamParser(MAX_EVENT_BYTES, this);
        return new HttpSender.Body() {
            @Override
            void take(ByteBuffer bytes) {
                try {
                    parser.feed(bytes);
                } catch (InvalidInputException e) {
                    throw new InvalidInputException(url + ": " + e.getMessage(), e);
                }
            }
        };
    }

    private NotifyException cause(HttpResponse<byte[]> response) {
        String url = WebAddress.shown(response.request().uri());
        if (response.statusCode() != 200) {
            return HttpErrors.ofStatus(
                    response.statusCode(),
                    response.headers(),
                    response.request().uri(),
                    timer.now());
        }
        return isEventStream(response.headers())
                ? new TransientFailureException(url + ": the server ended the event stream")
                : new PermanentFailureException(
                        url + ": the answer is not an event stream; is this a notification service?",
                        new Obstacle.Status(response.statusCode()));
    }

    private static boolean isEventStream(HttpHeaders headers) {
        String type = headers.firstValue("Content-Type").orElse("");
        return type.regionMatches(true, 0, EVENT_STREAM, 0, EVENT_STREAM.length());
    }

    private void accepted() {
        synchronized (this) {
            if (isAccepted || isEnded) {
                return;
            }
            isAccepted = true;
            answerLimit.cancel();
            idleMonitor.start();
        }
        channel.accepted(this);
    }

    @Override
    public void event(byte[] data, @Nullable String id) {
        synchronized (this) {
            if (isEnded) {
                return;
            }
            idleMonitor.active();
            lastEventId = id;
        }
        channel.received(this, data);
    }

    @Override
    public synchronized void comment() {
        if (!hasComments && !isEnded) {
            hasComments = true;
            idleMonitor.stop();
            idleMonitor = idleMonitor(LONGEST_BETWEEN_COMMENTS);
            idleMonitor.start();
        }
        idleMonitor.active();
    }

    /** @param status the answer's status, 0 if there was none */
    void ended(int status, NotifyException cause) {
        if (close()) {
            channel.ended(this, status, cause);
        }
    }

    /** Ends the stream. Returns true for the first call. */
    boolean close() {
        CompletableFuture<?> open;
        synchronized (this) {
            if (isEnded) {
                return false;
            }
            isEnded = true;
            answerLimit.cancel();
            idleMonitor.stop();
            open = exchange;
        }
        if (open != null) {
            open.cancel(true);
        }
        return true;
    }
}
