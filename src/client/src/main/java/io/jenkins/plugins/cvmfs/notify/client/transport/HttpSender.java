package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;

/** Sends HTTP/1.1 requests, without following redirects; failures come in this library's words and name the URL. */
final class HttpSender {

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

    /** A request to this URL, to be completed and sent. */
    HttpRequest.Builder request(URI url) {
        return HttpRequest.newBuilder(url).version(HttpClient.Version.HTTP_1_1).header("User-Agent", userAgent);
    }

    /**
     * Sends the request. Completing the future before it is done, by cancelling it or otherwise, ends the exchange and its
     * connection.
     */
    <T> CompletableFuture<HttpResponse<T>> send(HttpRequest request, HttpResponse.BodyHandler<T> body) {
        CompletableFuture<HttpResponse<T>> exchange = client.sendAsync(request, body);
        CompletableFuture<HttpResponse<T>> answer = new CompletableFuture<>();
        Chain.whenDone(exchange, (response, failure) -> {
            if (failure == null) {
                answer.complete(response);
            } else {
                answer.completeExceptionally(HttpErrors.of(WebAddress.shown(request.uri()), failure));
            }
        });
        Chain.whenDone(answer, (response, failure) -> exchange.cancel(true));
        return answer;
    }
}
