package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Rows of a table by key, as they were at the last look. One thread. */
final class Rows {

    private Map<String, JsonNode> known = Map.of();

    /**
     * What has changed since the last call, which these rows replace.
     *
     * @param changed takes the rows that are new or different
     * @return the keys that are gone
     */
    List<String> replace(Map<String, JsonNode> rows, ArrayNode changed) {
        rows.forEach((key, row) -> {
            if (!Objects.equals(known.get(key), row)) {
                changed.add(row);
            }
        });
        List<String> gone =
                known.keySet().stream().filter(key -> !rows.containsKey(key)).toList();
        known = rows;
        return gone;
    }
}
