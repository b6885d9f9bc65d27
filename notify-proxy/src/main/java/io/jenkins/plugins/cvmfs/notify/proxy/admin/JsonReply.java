package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.proxy.http.EndpointReply;
import java.util.Map;

/** Answers in JSON. */
final class JsonReply {

    private static final String TYPE = "application/json";
    private static final JsonMapper MAPPER = new JsonMapper();

    private JsonReply() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static ArrayNode array() {
        return MAPPER.createArrayNode();
    }

    static EndpointReply of(int status, JsonNode body) {
        return new EndpointReply(status, TYPE, text(body));
    }

    /** A success that is out of date at once. */
    static EndpointReply fresh(String body) {
        return new EndpointReply(200, Map.of("Cache-Control", "no-store"), TYPE, body);
    }

    /** To somebody who has to show a token. */
    static EndpointReply credentialsNeeded() {
        ObjectNode body = object().put("reason", "credentials_needed").put("status", "error");
        return new EndpointReply(401, Map.of("WWW-Authenticate", "Bearer realm=\"cvmfs-notify\""), TYPE, text(body));
    }

    /** On one line. */
    static String text(JsonNode body) {
        try {
            return MAPPER.writeValueAsString(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of JSON nodes can always be written", e);
        }
    }
}
