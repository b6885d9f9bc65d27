package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** How a JSON object differs from the one that is wanted, field by field, in words. */
final class Differences {

    private Differences() {}

    /** Looks at the wanted fields only; the other may have more. */
    static List<String> between(ObjectNode wanted, JsonNode there) {
        List<String> found = new ArrayList<>();
        wanted.properties().forEach(field -> {
            JsonNode actual = Objects.requireNonNullElse(there.get(field.getKey()), MissingNode.getInstance());
            if (!isSame(field.getValue(), actual)) {
                found.add("%s was %s".formatted(field.getKey(), shown(actual)));
            }
        });
        return found;
    }

    private static boolean isSame(JsonNode one, JsonNode other) {
        if (one.isObject() && one.size() == other.size()) {
            return one.properties().stream()
                    .allMatch(
                            field -> other.has(field.getKey()) && isSame(field.getValue(), other.path(field.getKey())));
        }
        // By their text: a number is the same whether Jackson holds it as an int or as a long.
        return one.toString().equals(other.toString());
    }

    private static String shown(JsonNode value) {
        return value.isMissingNode() ? "not set" : value.isTextual() ? "'" + value.asText() + "'" : value.toString();
    }
}
