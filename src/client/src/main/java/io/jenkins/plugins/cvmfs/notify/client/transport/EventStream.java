package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** One request that is answered with an endless stream of events. It is opened once and ends once. */
final class EventStream {

    /** What is heard, in order, from one thread at a time. */
    interface Listener extends EventStreamParser.Sink {

        /** The answer is an event stream. */
        void accepted();

        /**
         * No event follows.
         *
         * @param status of the answer, 0 if there was none
         */
        void ended(int status, NotifyException cause);
    }

    private static final String EVENT_STREAM = "text/event-stream";

    /** Names of fields and line breaks come on top of the message. */
    private static final int MAX_EVENT_BYTES = ActivityMessage.MAX_BYTES + 1024;

    private final URI url;
    private final Listener listener;
    private final CompletableFuture<HttpResponse<byte[]>> exchange;

    private EventStream(HttpSender client, HttpRequest request, Timer timer, Listener listener) {
        this.url = request.uri();
        this.listener = listener;
        this.exchange = client.send(request, this::body);
        Futures.whenDone(exchange, (response, failure) -> {
            if (failure != null) {
                listener.ended(0, HttpErrors.of(WebAddress.shown(url), failure));
            } else {
                listener.ended(response.statusCode(), cause(response, timer));
            }
        });
    }

    /** Sends the request. */
    static EventStream open(HttpSender client, HttpRequest request, Timer timer, Listener listener) {
        return new EventStream(client, request, timer, listener);
    }

    /** Ends the connection; the listener hears of it as of any other end. */
    void close() {
        exchange.cancel(true);
    }

    private HttpResponse.BodySubscriber<byte[]> body(HttpResponse.ResponseInfo answer) {
        if (answer.statusCode() != 200 || !isEventStream(answer.headers())) {
            return HttpSender.LimitedBody.explanation();
        }
        listener.accepted();
        return new Events(new EventStreamParser(MAX_EVENT_BYTES, listener), WebAddress.shown(url));
    }

    private NotifyException cause(HttpResponse<byte[]> response, Timer timer) {
        if (response.statusCode() != 200) {
            return HttpErrors.ofStatus(response.statusCode(), response.headers(), url, timer.now());
        }
        return isEventStream(response.headers())
                ? new TransientFailureException(WebAddress.shown(url) + ": the server ended the event stream")
                : new PermanentFailureException(
                        WebAddress.shown(url) + ": the answer is no event stream; is this a notification service?");
    }

    private static boolean isEventStream(HttpHeaders headers) {
        String type = headers.firstValue("Content-Type").orElse("");
        return type.regionMatches(true, 0, EVENT_STREAM, 0, EVENT_STREAM.length());
    }

    /** Hands the answer's bytes to the parser, one buffer after the other. */
    private static final class Events implements HttpResponse.BodySubscriber<byte[]> {

        private final EventStreamParser parser;
        private final String source;
        private final CompletableFuture<byte[]> end = new CompletableFuture<>();
        private Flow.@Nullable Subscription subscription;

        Events(EventStreamParser parser, String source) {
            this.parser = parser;
            this.source = source;
        }

        @Override
        public CompletionStage<byte[]> getBody() {
            return end;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            given.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(List<ByteBuffer> buffers) {
            try {
                buffers.forEach(parser::feed);
            } catch (InvalidInputException e) {
                if (subscription != null) {
                    subscription.cancel();
                }
                end.completeExceptionally(new InvalidInputException(source + ": " + e.getMessage(), e));
            }
        }

        @Override
        public void onError(Throwable failure) {
            end.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            end.complete(new byte[0]);
        }
    }
}
