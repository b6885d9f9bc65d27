package io.jenkins.plugins.cvmfs.notify.proxy.http;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What an endpoint answers.
 *
 * @param status the HTTP status, such as 200
 * @param headers further headers, one value each; without line breaks
 * @param contentType the body's media type, such as {@code application/json}; the front end adds no charset. Empty if there is no body
 * @param body the whole body; sent as UTF-8
 */
public record EndpointReply(int status, Map<String, String> headers, String contentType, String body) {

    /** Copies the headers, and keeps their order. */
    public EndpointReply {
        headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
    }

    /** Without further headers. */
    public EndpointReply(int status, String contentType, String body) {
        this(status, Map.of(), contentType, body);
    }
}
