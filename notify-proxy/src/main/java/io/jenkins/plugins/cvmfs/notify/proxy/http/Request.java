package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Secret;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A request, made and checked by {@link #of}: its head, and its body once that is complete. Immutable but for the headers and the body,
 * which no code changes.
 *
 * @param path without the query, or {@code *}
 * @param responseLines header lines of every response to this request besides its own, each ended by CR LF
 * @param body the whole body; empty if there is none. Not copied: a route may keep it, and must not change it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Request(
        HttpMethod method,
        String path,
        Map<String, List<String>> parameters,
        HttpVersion version,
        HttpHeaders headers,
        Peer peer,
        String responseLines,
        byte[] body) {

    private static final int MAX_PARAMETERS = 1024;
    private static final byte[] NO_BODY = {};

    /** A page in a browser cannot set headers of a WebSocket request; it sends the token as a subprotocol {@code bearer.TOKEN}. */
    private static final String TOKEN_SUBPROTOCOL = "bearer.";

    /**
     * Reads the head of a request that the decoder has accepted. Its target is {@code /path?query}, {@code http://host/path?query} or
     * {@code *}.
     *
     * @throws InvalidInputException if the target is malformed or its path percent-encoded, the one Host header of HTTP/1.1 is missing,
     *     or the body is framed neither by its length nor as chunks
     */
    static Request of(HttpRequest request, Peer peer) {
        requireOneHost(request);
        requirePlainFraming(request);
        String target = originForm(request.uri());
        requirePlainPath(target);
        try {
            var decoder = new QueryStringDecoder(target, UTF_8, true, MAX_PARAMETERS, true);
            return new Request(
                    request.method(),
                    decoder.path(),
                    decoder.parameters(),
                    request.protocolVersion(),
                    request.headers(),
                    peer,
                    "",
                    NO_BODY);
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException("the request target has bad percent-encoding");
        }
    }

    private static void requireOneHost(HttpRequest request) {
        int hosts = 0;
        Iterator<?> values = request.headers().valueCharSequenceIterator(HttpHeaderNames.HOST);
        while (values.hasNext()) {
            var unused = values.next();
            hosts++;
        }
        if (hosts > 1 || (hosts == 0 && request.protocolVersion().equals(HttpVersion.HTTP_1_1))) {
            throw new InvalidInputException("a request must have one Host header, this one has " + hosts);
        }
    }

    /** A proxy in front could read other transfer codings, or the same twice, as another length. */
    private static void requirePlainFraming(HttpRequest request) {
        if (!request.headers().contains(HttpHeaderNames.TRANSFER_ENCODING)) {
            return;
        }
        List<String> codings = request.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
        boolean chunked = codings.size() == 1 && codings.get(0).strip().equalsIgnoreCase("chunked");
        if (!chunked || !request.protocolVersion().equals(HttpVersion.HTTP_1_1)) {
            throw new InvalidInputException("the only Transfer-Encoding supported is one 'chunked', with HTTP/1.1");
        }
    }

    private static String originForm(String target) {
        if (target.startsWith("/") || target.equals("*")) {
            return target;
        }
        String lower = target.toLowerCase(Locale.ROOT);
        int authority = lower.startsWith("http://") ? 7 : lower.startsWith("https://") ? 8 : 0;
        if (authority == 0) {
            throw new InvalidInputException("the request target is neither a path nor an http URL");
        }
        for (int i = authority; i < target.length(); i++) {
            char c = target.charAt(i);
            if (c == '/') {
                return target.substring(i);
            }
            if (c == '?') {
                return "/" + target.substring(i);
            }
        }
        return "/";
    }

    /** No path here needs it, and a rule of a proxy in front, say against {@code /metrics}, would not match {@code /metric%73}. */
    private static void requirePlainPath(String target) {
        int encoded = target.indexOf('%');
        int query = target.indexOf('?');
        if (encoded >= 0 && (query < 0 || encoded < query)) {
            throw new InvalidInputException("the path is percent-encoded, but no path here needs that");
        }
    }

    /** @param lines header lines of every response to it, each ended by CR LF */
    Request withResponseLines(String lines) {
        return new Request(method, path, parameters, version, headers, peer, lines, body);
    }

    /** @param bytes not copied */
    Request withBody(byte[] bytes) {
        return new Request(method, path, parameters, version, headers, peer, responseLines, bytes);
    }

    /** Returns the first value of a header. */
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    /** Returns all values of a query parameter in their order. Its name ignores case. */
    public List<String> parameters(String name) {
        if (parameters.isEmpty()) {
            return List.of();
        }
        return parameters.entrySet().stream()
                .filter(parameter -> parameter.getKey().equalsIgnoreCase(name))
                .flatMap(parameter -> parameter.getValue().stream())
                .toList();
    }

    /** Returns the first value of a query parameter. Its name ignores case. */
    public Optional<String> parameter(String name) {
        return parameters(name).stream().findFirst();
    }

    public boolean isHead() {
        return method.equals(HttpMethod.HEAD);
    }

    public boolean isHttp10() {
        return version.compareTo(HttpVersion.HTTP_1_1) < 0;
    }

    /** Returns true if the client is CernVM-FS in C++, which reads responses in its own way. */
    public boolean isFromCvmfs() {
        return headers.get(HttpHeaderNames.USER_AGENT, "").startsWith("cvmfs/");
    }

    /** Returns true if a page in a browser sent it. */
    public boolean isFromBrowser() {
        return headers.contains(HttpHeaderNames.ORIGIN);
    }

    /** Returns true if it asks for the opening handshake of RFC 6455. */
    public boolean isWebSocketUpgrade() {
        return method.equals(HttpMethod.GET)
                && !isHttp10()
                && headers.containsValue(HttpHeaderNames.CONNECTION, "upgrade", true)
                && headers.containsValue(HttpHeaderNames.UPGRADE, "websocket", true);
    }

    /** Returns the offered WebSocket subprotocols, without those that carry a token. */
    public List<String> subprotocols() {
        return offeredSubprotocols()
                .filter(name -> !name.startsWith(TOKEN_SUBPROTOCOL))
                .toList();
    }

    private Stream<String> offeredSubprotocols() {
        // Most requests offer none.
        if (!headers.contains(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL)) {
            return Stream.empty();
        }
        return headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL).stream()
                .flatMap(line -> Arrays.stream(line.split(",")))
                .map(String::strip)
                .filter(name -> !name.isEmpty());
    }

    /** Returns the values of the header {@code Authorization}, and the tokens that a page offers as subprotocols of a WebSocket. */
    public List<Secret> authorization() {
        if (!headers.contains(HttpHeaderNames.AUTHORIZATION)
                && !headers.contains(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL)) {
            return List.of();
        }
        Stream<String> tokens = isWebSocketUpgrade() ? offeredSubprotocols() : Stream.empty();
        return Stream.concat(
                        headers.getAll(HttpHeaderNames.AUTHORIZATION).stream(),
                        tokens.filter(name -> name.startsWith(TOKEN_SUBPROTOCOL))
                                .map(name -> "Bearer " + name.substring(TOKEN_SUBPROTOCOL.length())))
                .map(Secret::new)
                .toList();
    }

    /** Returns true if the client wants to send further requests on the connection. */
    boolean keepsAlive() {
        boolean close = headers.containsValue(HttpHeaderNames.CONNECTION, "close", true);
        boolean keep = headers.containsValue(HttpHeaderNames.CONNECTION, "keep-alive", true);
        return !close && (keep || !isHttp10());
    }

    /** Returns true if a body follows, as far as the head tells. */
    boolean announcesBody() {
        return headers.contains(HttpHeaderNames.TRANSFER_ENCODING) || contentLength() > 0;
    }

    /** The announced length of the body in bytes, by default 0. The decoder has checked that it is a number. */
    long contentLength() {
        String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
        return length == null ? 0 : Long.parseLong(length);
    }

    boolean expectsContinue() {
        return !isHttp10() && "100-continue".equalsIgnoreCase(headers.get(HttpHeaderNames.EXPECT));
    }

    boolean hasUnknownExpectation() {
        return headers.contains(HttpHeaderNames.EXPECT)
                && !"100-continue".equalsIgnoreCase(headers.get(HttpHeaderNames.EXPECT));
    }

    /** Without path, parameters and headers, which may hold tokens. */
    @Override
    public String toString() {
        return method + " request";
    }
}
