package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.proxy.http.Request;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Response;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Route;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The status page: static files of the jar. Their scripts get what they show from {@link StatusRoute}. Nothing in them comes from another
 * server, and the browser is told to allow nothing else.
 */
public final class StatusPageRoute implements Route {

    private static final String FOLDER = "/page/";
    private static final Map<String, String> TYPES = Map.of(
            "css", "text/css; charset=utf-8",
            "html", "text/html; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "svg", "image/svg+xml");

    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final List<String> FILES = List.of(
            "index.html",
            "page.css",
            "icon.svg",
            "icon-failing.svg",
            "icon-lost.svg",
            "access.js",
            "activity.js",
            "banner.js",
            "board.js",
            "chart.js",
            "choice.js",
            "facts.js",
            "format.js",
            "latest.js",
            "main.js",
            "peers.js",
            "poll.js",
            "refusals.js",
            "repository.js",
            "status.js",
            "table.js",
            "webhooks.js");

    private final Map<String, Response> files;

    /** Reads the files from the jar. */
    public StatusPageRoute() {
        files = FILES.stream()
                .collect(Collectors.toUnmodifiableMap(
                        name -> name.equals("index.html") ? "/" : FOLDER + name, StatusPageRoute::read));
    }

    private static Response read(String name) {
        String type = Objects.requireNonNull(TYPES.get(name.substring(name.lastIndexOf('.') + 1)));
        try (InputStream file = StatusPageRoute.class.getResourceAsStream("page/" + name)) {
            if (file == null) {
                throw new IllegalStateException("the jar lacks the status page's " + name);
            }
            String text = new String(file.readAllBytes(), UTF_8);
            return withHeaders(new Response(200, type, text));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the status page's %s".formatted(name), e);
        }
    }

    /** A browser asks each time whether its copy is current: after an upgrade all files change at once. */
    private static Response withHeaders(Response response) {
        return response.with("ETag", Response.tag(response.body()))
                .with("Cache-Control", "no-cache")
                .with("Content-Security-Policy", POLICY)
                .with("X-Content-Type-Options", "nosniff")
                .with("Referrer-Policy", "no-referrer");
    }

    @Override
    public boolean serves(String path) {
        return files.containsKey(path);
    }

    @Override
    public void handle(Request request, Exchange exchange) {
        exchange.answer(get(request));
    }

    Response get(Request request) {
        Response file = files.get(request.path());
        if (file == null) {
            throw new IllegalArgumentException("not a file of the status page: " + request.path());
        }
        return file.unlessKnownTo(request);
    }
}
