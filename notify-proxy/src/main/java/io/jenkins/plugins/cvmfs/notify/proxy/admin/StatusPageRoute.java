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
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The status page: static files of the jar. Their scripts get what they show from {@link StatusRoute}. Nothing in them comes from another
 * server, and the browser is told to allow nothing else.
 */
public final class StatusPageRoute implements Route {

    private static final String FOLDER = "/page/";
    private static final String HTML = "text/html; charset=utf-8";
    private static final String ICON = "image/svg+xml";
    private static final String SCRIPT = "text/javascript; charset=utf-8";

    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final List<String> SCRIPTS = List.of(
            "access",
            "activity",
            "banner",
            "board",
            "chart",
            "choice",
            "facts",
            "format",
            "latest",
            "main",
            "peers",
            "poll",
            "refusals",
            "repository",
            "status",
            "table",
            "webhooks");

    private static final List<String> ICONS = List.of("icon", "icon-failing", "icon-lost");

    private final Map<String, Response> files;

    /** Reads the files from the jar. */
    public StatusPageRoute() {
        files = Stream.of(
                        Stream.of(
                                Map.entry("/", read("index.html", HTML)),
                                Map.entry(FOLDER + "page.css", read("page.css", "text/css; charset=utf-8"))),
                        ICONS.stream().map(name -> Map.entry(FOLDER + name + ".svg", read(name + ".svg", ICON))),
                        SCRIPTS.stream().map(name -> Map.entry(FOLDER + name + ".js", read(name + ".js", SCRIPT))))
                .flatMap(files -> files)
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static Response read(String name, String type) {
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
