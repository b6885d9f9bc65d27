package io.jenkins.plugins.cvmfs.notify.client.gate;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** Writes the text that {@link SnapshotReader} reads. Numbers of revisions are text: they do not fit into a signed number. */
final class GateSnapshotJson {

    static final int FORMAT = 1;

    private GateSnapshotJson() {}

    static String write(GateSnapshot snapshot) {
        Condition condition = snapshot.condition();
        ObjectNode json = object();
        json.put("format", FORMAT);
        put(json, "repository", condition.repository());
        json.set("target", target(condition.target()));
        put(json, "require", condition.requirement());
        put(json, "onStale", condition.onStale());
        put(json, "deadline", condition.deadline());
        put(json, "publishedAt", condition.publishedAt());
        put(json, "startedAt", snapshot.startedAt());
        Heard heard = snapshot.heard();
        if (heard != null) {
            put(json.putObject("heard").setAll(publication(heard.publication())), "at", heard.at());
        }
        snapshot.replicas().forEach(state -> json.withArray("replicas").add(replica(state)));
        return json.toString();
    }

    private static ObjectNode target(Target target) {
        ObjectNode json = object();
        if (target instanceof Target.AtLeast least) {
            put(json, "atLeast", least.revision());
        } else if (target instanceof Target.NewerThan newer) {
            put(json, "newerThan", newer.revision());
        } else if (target instanceof Target.RootHash root) {
            put(json, "rootHash", root.hash());
            put(json, "revision", root.revision());
        }
        return json;
    }

    private static ObjectNode replica(ReplicaState state) {
        ObjectNode json = object();
        put(json, "name", state.replica().name());
        put(json, "location", state.replica().location());
        if (state.served() != null) {
            json.set("served", publication(state.served()));
        }
        put(json, "rootCatalog", state.rootCatalog());
        put(json, "seenAt", state.seenAt());
        put(json, "availableAt", state.availableAt());
        put(json, "readAt", state.readAt());
        put(json, "snapshotAt", state.snapshotAt());
        put(json, "error", state.error());
        return json;
    }

    private static ObjectNode publication(ManifestSummary publication) {
        ObjectNode json = object();
        put(json, "revision", publication.revision());
        put(json, "rootHash", publication.rootHash());
        put(json, "publishedAt", publication.publishedAt());
        return json;
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static void put(ObjectNode json, String key, @Nullable Object value) {
        if (value != null) {
            json.put(key, value.toString());
        }
    }
}
