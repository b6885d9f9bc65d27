package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Sends HTTP/1.1 requests, without following redirects; failures are this library's exceptions and name the URL. */
final class HttpSender {

    static final String AUTHORIZATION = "Authorization";

    private final HttpClient client;
    private final String userAgent;

    /**
     * @param userAgent must not begin with {@code cvmfs/}: servers take such a client for the C++ one, which ignores the status
     * @throws InvalidInputException if the client follows redirects
     */
    HttpSender(HttpClient client, String userAgent) {
        if (client.followRedirects() != HttpClient.Redirect.NEVER) {
            throw new InvalidInputException("the HTTP client follows redirects (%s); build it with Redirect.NEVER"
                    .formatted(client.followRedirects()));
        }
        this.client = client;
        this.userAgent = userAgent;
    }

    /** Returns a request to this URL, to be completed and sent. */
    HttpRequest.Builder request(URI url) {
        return HttpRequest.newBuilder(url).version(HttpClient.Version.HTTP_1_1).header("User-Agent", userAgent);
    }

    /**
     * Returns the same with a token, if there is one.
     *
     * @throws NotifyException as {@link #bearer} does
     */
    HttpRequest.Builder request(URI url, TokenSource token) {
        HttpRequest.Builder request = request(url);
        bearer(token).ifPresent(credentials -> request.header(AUTHORIZATION, credentials));
        return request;
    }

    /** Sends the request. Completing the future early, by cancelling it or otherwise, ends the exchange and its connection. */
    <T> CompletableFuture<HttpResponse<T>> send(HttpRequest request, HttpResponse.BodyHandler<T> body) {
        return Futures.translate(
                client.sendAsync(request, body), failure -> HttpErrors.of(WebAddress.shown(request.uri()), failure));
    }

    /**
     * Sends the request and reads its answer.
     *
     * @param maxBytes the longest body with status 200; of another, which explains an error, the beginning is read
     */
    CompletableFuture<Answer> send(HttpRequest request, int maxBytes) {
        return Futures.map(
                send(request, info -> LimitedBody.of(info.statusCode(), request.uri(), maxBytes)),
                response -> new Answer(response.statusCode(), response.headers(), response.body()));
    }

    /** An answer that was read. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Answer(int statusCode, HttpHeaders headers, byte[] body) {}

    /**
     * Returns the {@code Authorization} header's value; empty without a token.
     *
     * @throws InvalidInputException if a header cannot carry the token
     * @throws RefusedException if the source fails
     */
    static Optional<String> bearer(TokenSource source) {
        Optional<String> token;
        try {
            token = source.token();
        } catch (NotifyException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new RefusedException("cannot get the token", e);
        }
        if (token.isPresent() && !token.get().matches("[\\x21-\\x7e]+")) {
            throw new InvalidInputException("the token is empty or has characters that a header cannot carry");
        }
        return token.map(value -> "Bearer " + value);
    }

    /** Receives an answer's bytes as they arrive. */
    abstract static class Body implements HttpResponse.BodySubscriber<byte[]> {

        private final CompletableFuture<byte[]> end = new CompletableFuture<>();
        private Flow.@Nullable Subscription subscription;

        /** @throws NotifyException to end the exchange with it */
        abstract void take(ByteBuffer bytes);

        /** Returns the response's body. */
        byte[] result() {
            return new byte[0];
        }

        /** Reads no further. */
        final void stop() {
            if (subscription != null) {
                subscription.cancel();
            }
        }

        @Override
        public final CompletionStage<byte[]> getBody() {
            return end;
        }

        @Override
        public final void onSubscribe(Flow.Subscription given) {
            subscription = given;
            given.request(Long.MAX_VALUE);
        }

        @Override
        public final void onNext(List<ByteBuffer> buffers) {
            try {
                buffers.forEach(this::take);
            } catch (NotifyException e) {
                stop();
                onError(e);
            }
        }

        @Override
        public final void onError(Throwable failure) {
            end.completeExceptionally(failure);
        }

        @Override
        public final void onComplete() {
            end.complete(result());
        }
    }

    /** Keeps up to a number of bytes. A longer answer fails; a longer explanation of an error is cut. */
    static final class LimitedBody extends Body {

        private static final int EXPLANATION_BYTES = 4 * 1024;

        private final @Nullable String source;
        private final int maxBytes;
        private final ByteArrayOutputStream taken = new ByteArrayOutputStream();

        /** @param source the URL, for the message about an answer that is too long; null to cut it */
        private LimitedBody(@Nullable String source, int maxBytes) {
            this.source = source;
            this.maxBytes = maxBytes;
        }

        /** Returns the body of an answer to a request for this URL. */
        static LimitedBody of(int status, URI url, int maxBytes) {
            return status == 200 ? new LimitedBody(url.toString(), maxBytes) : explanation();
        }

        /** Returns a body that keeps the beginning of an explanation. */
        static LimitedBody explanation() {
            return new LimitedBody(null, EXPLANATION_BYTES);
        }

        @Override
        void take(ByteBuffer buffer) {
            byte[] bytes = new byte[Math.min(buffer.remaining(), maxBytes - taken.size())];
            boolean isTooLong = buffer.remaining() > bytes.length;
            buffer.get(bytes);
            taken.writeBytes(bytes);
            if (isTooLong && source != null) {
                throw new InvalidInputException(
                        "%s: longer than the %d bytes that are allowed".formatted(source, maxBytes));
            }
            if (isTooLong) {
                stop();
                onComplete();
            }
        }

        @Override
        byte[] result() {
            return taken.toByteArray();
        }
    }
}
