package io.jenkins.plugins.cvmfs.notify.proxy.http;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What an endpoint is asked for.
 *
 * @param path the decoded path without the query, such as {@code /healthz}
 * @param headers by name, whatever its case; of a header that comes several times the first
 */
public record EndpointRequest(String path, Map<String, String> headers) {

    /** Copies the headers. */
    public EndpointRequest {
        Map<String, String> byName = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        byName.putAll(headers);
        headers = Collections.unmodifiableMap(byName);
    }

    /** A request without headers. */
    public static EndpointRequest of(String path) {
        return new EndpointRequest(path, Map.of());
    }

    static EndpointRequest of(RequestHead head) {
        Map<String, String> first = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        head.headers().forEach(header -> first.putIfAbsent(header.getKey(), header.getValue()));
        return new EndpointRequest(head.target().path(), first);
    }

    /** The value of a header. */
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }
}
