package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.proxy.frontend.EndpointReply;

/** Answers in JSON. */
final class JsonReply {

    private static final JsonMapper MAPPER = new JsonMapper();

    private JsonReply() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static EndpointReply of(int status, JsonNode body) {
        try {
            return new EndpointReply(status, "application/json", MAPPER.writeValueAsString(body));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of JSON nodes can always be written", e);
        }
    }
}
