package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a request asks for: origin form ({@code /path?query}), absolute form ({@code http://host/path?query}) or {@code *}.
 *
 * @param path the path, in plain characters, or {@code *}
 * @param query the decoded parameters in their order
 */
record RequestTarget(String path, Map<String, List<String>> query) {

    private static final int MAX_PARAMETERS = 1024;

    /**
     * Reads a request target.
     *
     * @throws InvalidRequestException if it has none of the three forms, a percent-encoded path, or a query with bad percent-encoding
     */
    static RequestTarget parse(String text) {
        if (text.equals("*")) {
            return new RequestTarget(text, Map.of());
        }
        String origin = originForm(text);
        requirePlainPath(origin);
        try {
            var decoder = new QueryStringDecoder(origin, UTF_8, true, MAX_PARAMETERS, true);
            return new RequestTarget(decoder.path(), decoder.parameters());
        } catch (IllegalArgumentException e) {
            throw new InvalidRequestException("the request target has bad percent-encoding");
        }
    }

    /** No path here needs it, and a rule of a proxy in front, say against {@code /metrics}, would not see {@code /metric%73}. */
    private static void requirePlainPath(String origin) {
        int encoded = origin.indexOf('%');
        int query = origin.indexOf('?');
        if (encoded >= 0 && (query < 0 || encoded < query)) {
            throw new InvalidRequestException("the path is percent-encoded, but no path here needs that");
        }
    }

    private static String originForm(String text) {
        if (text.startsWith("/")) {
            return text;
        }
        String lower = text.toLowerCase(Locale.ROOT);
        int scheme = lower.startsWith("http://") ? 7 : lower.startsWith("https://") ? 8 : 0;
        if (scheme == 0) {
            throw new InvalidRequestException("the request target is neither a path nor an http URL");
        }
        for (int i = scheme; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '/') {
                return text.substring(i);
            }
            if (c == '?') {
                return "/" + text.substring(i);
            }
        }
        return "/";
    }

    /** All values of a parameter, whatever the case of its name, in their order. */
    List<String> all(String name) {
        if (query.isEmpty()) {
            return List.of();
        }
        return query.entrySet().stream()
                .filter(parameter -> parameter.getKey().equalsIgnoreCase(name))
                .flatMap(parameter -> parameter.getValue().stream())
                .toList();
    }

    /** The first value of a parameter. */
    Optional<String> first(String name) {
        List<String> all = all(name);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(0));
    }
}
