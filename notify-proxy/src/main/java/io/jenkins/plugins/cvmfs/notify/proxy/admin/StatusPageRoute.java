package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.proxy.http.Request;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Response;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Route;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
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
    private static final String SCRIPT = "text/javascript; charset=utf-8";

    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final List<String> SCRIPTS =
            List.of("main", "access", "chart", "choice", "format", "latest", "poll", "service", "status", "table");

    /**
     * One file.
     *
     * @param tag its {@code ETag}
     */
    private record PageFile(String tag, Response whole, Response notModified) {}

    private final Map<String, PageFile> files;

    /** Reads the files from the jar. */
    public StatusPageRoute() {
        files = Stream.concat(
                        Stream.of(
                                Map.entry("/", read("index.html", HTML)),
                                Map.entry(FOLDER + "page.css", read("page.css", "text/css; charset=utf-8")),
                                Map.entry(FOLDER + "icon.svg", read("icon.svg", "image/svg+xml"))),
                        SCRIPTS.stream().map(name -> Map.entry(FOLDER + name + ".js", read(name + ".js", SCRIPT))))
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static PageFile read(String name, String type) {
        try (InputStream file = StatusPageRoute.class.getResourceAsStream("page/" + name)) {
            if (file == null) {
                throw new IllegalStateException("the jar lacks the status page's " + name);
            }
            byte[] bytes = file.readAllBytes();
            String tag = "\"" + hash(bytes) + "\"";
            return new PageFile(
                    tag,
                    withHeaders(new Response(200, type, new String(bytes, UTF_8)), tag),
                    withHeaders(Response.empty(304), tag));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the status page's %s".formatted(name), e);
        }
    }

    /** A browser asks each time whether its copy is current: after an upgrade all files change at once. */
    private static Response withHeaders(Response response, String tag) {
        return response.with("ETag", tag)
                .with("Cache-Control", "no-cache")
                .with("Content-Security-Policy", POLICY)
                .with("X-Content-Type-Options", "nosniff")
                .with("Referrer-Policy", "no-referrer");
    }

    private static String hash(byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
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
        PageFile file = files.get(request.path());
        if (file == null) {
            throw new IllegalArgumentException("not a file of the status page: " + request.path());
        }
        boolean isCurrent = request.header("If-None-Match")
                .filter(tags -> contains(tags, file.tag()))
                .isPresent();
        return isCurrent ? file.notModified() : file.whole();
    }

    /** Returns true if a list of tags, weak or strong, contains this one or matches all. */
    private static boolean contains(String tags, String tag) {
        return Arrays.stream(tags.split(",", -1))
                .map(String::strip)
                .map(one -> one.startsWith("W/") ? one.substring(2) : one)
                .anyMatch(one -> one.equals(tag) || one.equals("*"));
    }
}
