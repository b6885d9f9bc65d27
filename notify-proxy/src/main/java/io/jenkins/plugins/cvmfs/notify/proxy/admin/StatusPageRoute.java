package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.proxy.http.BlockingRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.http.EndpointReply;
import io.jenkins.plugins.cvmfs.notify.proxy.http.EndpointRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The status page: a few files of the jar, the same for everybody. They know nothing themselves; what they show, their scripts ask
 * {@link StatusRoute} for. Nothing in them comes from another server, and the browser is told to allow nothing else.
 */
public final class StatusPageRoute implements BlockingRoute {

    private static final String FOLDER = "/page/";
    private static final String HTML = "text/html; charset=utf-8";
    private static final String SCRIPT = "text/javascript; charset=utf-8";

    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final List<String> SCRIPTS = List.of(
            "main", "access", "chart", "choice", "feed", "format", "latest", "service", "status", "stream", "table");

    /** One file: what it is answered with, and the tag by which a browser says that it has it. */
    private record PageFile(String tag, EndpointReply reply) {}

    private final Map<String, PageFile> files;

    /** Reads them from the jar. */
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
                throw new IllegalStateException("the jar lacks the page's " + name);
            }
            byte[] bytes = file.readAllBytes();
            String tag = "\"" + hash(bytes) + "\"";
            return new PageFile(tag, new EndpointReply(200, headers(tag), type, new String(bytes, UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException("the page's %s cannot be read".formatted(name), e);
        }
    }

    /** A browser asks each time whether its copy is still right: after an upgrade all files change at once. */
    private static Map<String, String> headers(String tag) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("ETag", tag);
        headers.put("Cache-Control", "no-cache");
        headers.put("Content-Security-Policy", POLICY);
        headers.put("X-Content-Type-Options", "nosniff");
        headers.put("Referrer-Policy", "no-referrer");
        return headers;
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
    public EndpointReply get(EndpointRequest request) {
        PageFile file = files.get(request.path());
        if (file == null) {
            throw new IllegalArgumentException("not a file of the page: " + request.path());
        }
        boolean isKnown = request.header("If-None-Match")
                .filter(tags -> names(tags, file.tag()))
                .isPresent();
        return isKnown ? new EndpointReply(304, headers(file.tag()), "", "") : file.reply();
    }

    /** Whether a list of tags, weak or strong, has this one or stands for all. */
    private static boolean names(String tags, String tag) {
        return Arrays.stream(tags.split(",", -1))
                .map(String::strip)
                .map(one -> one.startsWith("W/") ? one.substring(2) : one)
                .anyMatch(one -> one.equals(tag) || one.equals("*"));
    }
}
