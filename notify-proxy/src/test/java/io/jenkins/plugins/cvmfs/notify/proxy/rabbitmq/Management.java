package io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;
import java.util.Base64;
import java.util.stream.Collectors;

/** The management API of a broker of our own, as its administrator: what {@code rabbitmqctl} does, without its long start. */
public record Management(URI uri) {

    /** Not the default: the broker's web server loses the body of a request that offers a change to HTTP/2. */
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private static final String ADMIN = "Basic "
            + Base64.getEncoder().encodeToString((OwnedBroker.ADMIN + ":" + OwnedBroker.ADMIN).getBytes(UTF_8));

    public static Management of(OwnedBroker broker) {
        return new Management(broker.management());
    }

    public void put(String body, String... path) {
        send("PUT", body, path);
    }

    public void post(String body, String... path) {
        send("POST", body, path);
    }

    /** Fine too if there is no such thing. */
    public void delete(String... path) {
        send("DELETE", "", path);
    }

    private void send(String method, String body, String... path) {
        String encoded = Arrays.stream(path)
                .map(segment -> URLEncoder.encode(segment, UTF_8))
                .collect(Collectors.joining("/"));
        HttpRequest request = HttpRequest.newBuilder(uri.resolve("/api/" + encoded))
                .header("Authorization", ADMIN)
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body))
                .build();
        try {
            HttpResponse<String> answer = HTTP.send(request, BodyHandlers.ofString());
            boolean isFine = answer.statusCode() / 100 == 2 || (method.equals("DELETE") && answer.statusCode() == 404);
            if (!isFine) {
                throw new IllegalStateException(
                        method + " " + encoded + " gave " + answer.statusCode() + ": " + answer.body());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + uri, e);
        }
    }
}
