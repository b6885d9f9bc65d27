package io.jenkins.plugins.cvmfs.notify.client.transport;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Reads files of repositories behind web servers. One attempt a call; {@link RetryingRepositoryReader} tries again. */
final class HttpRepository {

    private final HttpSender client;
    private final Timer timer;

    HttpRepository(HttpSender client, Timer timer) {
        this.client = client;
        this.timer = timer;
    }

    /** The file, or {@code previous} if the server says that it is still that. */
    CompletableFuture<FetchedManifest> manifest(URI url, int maxBytes, @Nullable FetchedManifest previous) {
        HttpRequest.Builder request = request(url);
        if (previous != null) {
            previous.entityTag().ifPresent(tag -> request.header("If-None-Match", tag));
            previous.lastModified().ifPresent(time -> request.header("If-Modified-Since", time));
        }
        return Chain.map(
                send(url, request.GET(), maxBytes),
                response -> response.statusCode() == 304 && previous != null ? previous : manifest(url, response));
    }

    private FetchedManifest manifest(URI url, HttpResponse<byte[]> response) {
        return FetchedManifest.read(
                url.toString(),
                body(url, response),
                response.headers().firstValue("ETag").orElse(null),
                response.headers().firstValue("Last-Modified").orElse(null));
    }

    /** The whole file. */
    CompletableFuture<byte[]> file(URI url, int maxBytes) {
        return Chain.map(send(url, request(url).GET(), maxBytes), response -> body(url, response));
    }

    /** Whether the file is there, asked with HEAD. */
    CompletableFuture<Boolean> isPresent(URI url) {
        HttpRequest.Builder head = request(url).method("HEAD", HttpRequest.BodyPublishers.noBody());
        return Chain.map(send(url, head, 0), response -> {
            if (isAbsent(response)) {
                return false;
            }
            body(url, response);
            return true;
        });
    }

    /** A cache on the way asks the server itself, else a wait would end late and a replica look older than it is. */
    private HttpRequest.Builder request(URI url) {
        return client.request(url).header("Cache-Control", "max-age=0");
    }

    private CompletableFuture<HttpResponse<byte[]>> send(URI url, HttpRequest.Builder request, int maxBytes) {
        return client.send(request.build(), LimitedBody.upTo(maxBytes, url));
    }

    private byte[] body(URI url, HttpResponse<byte[]> response) {
        if (isAbsent(response)) {
            throw new NotFoundException("%s: no such file (%d)".formatted(url, response.statusCode()));
        }
        if (response.statusCode() != 200) {
            throw UnexpectedAnswer.of(response.statusCode(), response.headers(), url, timer.now());
        }
        return response.body();
    }

    /** Storage that does not let its clients list it answers 403 where nothing is. */
    private static boolean isAbsent(HttpResponse<byte[]> response) {
        return response.statusCode() == 404 || response.statusCode() == 403 || response.statusCode() == 410;
    }
}
