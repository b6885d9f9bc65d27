package io.jenkins.plugins.cvmfs.notify.client.gate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.gate.ReplicaState.RootCatalog;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the text that {@link GateSnapshotJson} writes. Unknown keys are ignored. */
final class SnapshotReader {

    private static final JsonMapper MAPPER = new JsonMapper();

    private final JsonNode json;

    private SnapshotReader(JsonNode json) {
        this.json = json;
    }

    static GateSnapshot read(String text) {
        SnapshotReader root = new SnapshotReader(tree(text));
        if (root.json.path("format").asInt() != GateSnapshotJson.FORMAT) {
            throw new InvalidInputException("snapshot of a gate has format '%s', this version reads %d"
                    .formatted(Excerpt.of(root.json.path("format").asText()), GateSnapshotJson.FORMAT));
        }
        List<ReplicaState> replicas = new ArrayList<>();
        root.json.path("replicas").forEach(node -> replicas.add(new SnapshotReader(node).replica()));
        Condition condition = new Condition(
                root.required("repository", RepositoryName::new),
                root.under("target").target(),
                replicas.stream().map(ReplicaState::replica).toList(),
                root.required("require", Requirement::new),
                root.required("onStale", StalePolicy::parse),
                root.required("deadline", Instant::parse),
                root.optional("publishedAt", Instant::parse));
        return new GateSnapshot(condition, root.required("startedAt", Instant::parse), root.heard(), replicas);
    }

    private static JsonNode tree(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new InvalidInputException("snapshot of a gate is not JSON: '%s'".formatted(Excerpt.of(text)), e);
        }
    }

    private Target target() {
        Revision least = optional("atLeast", Revision::parse);
        if (least != null) {
            return new Target.AtLeast(least);
        }
        Revision older = optional("newerThan", Revision::parse);
        return older != null
                ? new Target.NewerThan(older)
                : new Target.RootHash(required("rootHash", ContentHash::parse), optional("revision", Revision::parse));
    }

    private @Nullable Heard heard() {
        SnapshotReader heard = under("heard");
        return heard.json.isObject() ? new Heard(heard.publication(), heard.required("at", Instant::parse)) : null;
    }

    private ReplicaState replica() {
        SnapshotReader served = under("served");
        return new ReplicaState(
                new Replica(required("name", Function.identity()), required("location", Function.identity())),
                served.json.isObject() ? served.publication() : null,
                required("rootCatalog", RootCatalog::valueOf),
                optional("seenAt", Instant::parse),
                optional("availableAt", Instant::parse),
                optional("readAt", Instant::parse),
                optional("snapshotAt", Instant::parse),
                optional("error", Function.identity()));
    }

    private ManifestSummary publication() {
        return new ManifestSummary(
                required("revision", Revision::parse),
                required("rootHash", ContentHash::parse),
                optional("publishedAt", Instant::parse));
    }

    private SnapshotReader under(String key) {
        return new SnapshotReader(json.path(key));
    }

    private <T> T required(String key, Function<String, T> reader) {
        T value = optional(key, reader);
        if (value == null) {
            throw new InvalidInputException("snapshot of a gate has no '%s'".formatted(key));
        }
        return value;
    }

    private <T> @Nullable T optional(String key, Function<String, T> reader) {
        JsonNode value = json.get(key);
        if (value == null) {
            return null;
        }
        try {
            return reader.apply(value.asText());
        } catch (DateTimeParseException | IllegalArgumentException | InvalidInputException e) {
            throw new InvalidInputException(
                    "snapshot of a gate: '%s' has '%s'".formatted(key, Excerpt.of(value.asText())), e);
        }
    }
}
