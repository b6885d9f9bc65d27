package io.jenkins.plugins.cvmfs.notify.client.gate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
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

/**
 * Everything that must survive a restart for a gate to go on, as values and as {@linkplain #toJson
 * text}. Immutable.
 *
 * @param condition what is waited for, with what was learned since
 * @param startedAt when the gate was first opened
 * @param announced the newest announcement that would meet the target; null if none came
 * @param replicas one per replica of the condition, in its order
 */
public record GateSnapshot(
        Condition condition, Instant startedAt, @Nullable LatestAnnouncement announced, List<ReplicaState> replicas) {

    /** An announcement and when it was received. It is not verified. */
    public record LatestAnnouncement(ManifestSummary manifest, Instant at) {}

    private static final JsonMapper MAPPER = new JsonMapper();
    private static final int FORMAT = 1;

    /** Copies the list. */
    public GateSnapshot {
        replicas = List.copyOf(replicas);
    }

    /** Returns the snapshot of a gate that is opened now, with no replica read. */
    public static GateSnapshot start(Condition condition, Instant now) {
        return new GateSnapshot(
                condition,
                now,
                null,
                condition.replicas().stream().map(ReplicaState::unread).toList());
    }

    /** Returns the report of a gate that waits: its outcome is null. */
    public GateReport report(Instant now) {
        return GateReport.of(this, null, now);
    }

    /** Returns one line of JSON, which this and every later version reads. Revisions are text: they exceed a signed number. */
    public String toJson() {
        ObjectNode json = object();
        json.put("format", FORMAT);
        put(json, "repository", condition.repository());
        json.set("target", targetJson(condition.target()));
        put(json, "require", condition.requirement());
        put(json, "onStale", condition.onStale());
        put(json, "deadline", condition.deadline());
        put(json, "publishedAt", condition.publishedAt());
        put(json, "startedAt", startedAt);
        if (condition.group() != null) {
            ObjectNode group = json.putObject("group");
            put(group, "noun", condition.group().noun());
            put(group, "selected", condition.group().selected());
            put(group, "absent", condition.group().absent());
        }
        if (announced != null) {
            put(json.putObject("heard").setAll(manifestJson(announced.manifest())), "at", announced.at());
        }
        replicas.forEach(state -> json.withArray("replicas").add(replicaJson(state)));
        return json.toString();
    }

    private static ObjectNode targetJson(Target target) {
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

    private static ObjectNode replicaJson(ReplicaState state) {
        ObjectNode json = object();
        put(json, "name", state.replica().name());
        put(json, "location", state.replica().location());
        if (state.served() != null) {
            json.set("served", manifestJson(state.served()));
        }
        put(json, "rootCatalog", state.rootCatalog());
        put(json, "seenAt", state.seenAt());
        put(json, "availableAt", state.availableAt());
        put(json, "readAt", state.readAt());
        put(json, "snapshotAt", state.snapshotAt());
        put(json, "error", state.error());
        put(json, "note", state.note());
        return json;
    }

    private static ObjectNode manifestJson(ManifestSummary manifest) {
        ObjectNode json = object();
        put(json, "revision", manifest.revision());
        put(json, "rootHash", manifest.toldRootHash().orElse(null));
        put(json, "publishedAt", manifest.publishedAt());
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

    /**
     * Reads what {@link #toJson} wrote. Unknown keys are ignored.
     *
     * @throws InvalidInputException if the text is anything else
     */
    public static GateSnapshot fromJson(String text) {
        JsonNode json;
        try {
            json = MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new InvalidInputException("snapshot of a gate is not JSON: '%s'".formatted(Excerpt.of(text)), e);
        }
        if (json.path("format").asInt() != FORMAT) {
            throw new InvalidInputException("snapshot of a gate has format '%s', this version reads %d"
                    .formatted(Excerpt.of(json.path("format").asText()), FORMAT));
        }
        List<ReplicaState> replicas = new ArrayList<>();
        json.path("replicas").forEach(node -> replicas.add(readReplica(node)));
        Condition condition = new Condition(
                required(json, "repository", RepositoryName::new),
                readTarget(json.path("target")),
                replicas.stream().map(ReplicaState::replica).toList(),
                required(json, "require", Requirement::new),
                required(json, "onStale", StalePolicy::parse),
                required(json, "deadline", Instant::parse),
                optional(json, "publishedAt", Instant::parse),
                readGroup(json.path("group")));
        JsonNode announced = json.path("heard");
        return new GateSnapshot(
                condition,
                required(json, "startedAt", Instant::parse),
                announced.isObject()
                        ? new LatestAnnouncement(readManifest(announced), required(announced, "at", Instant::parse))
                        : null,
                replicas);
    }

    private static Condition.@Nullable Group readGroup(JsonNode json) {
        return json.isObject()
                ? new Condition.Group(
                        required(json, "noun", Function.identity()),
                        required(json, "selected", Function.identity()),
                        optional(json, "absent", Function.identity()))
                : null;
    }

    private static Target readTarget(JsonNode json) {
        Revision least = optional(json, "atLeast", Revision::parse);
        if (least != null) {
            return new Target.AtLeast(least);
        }
        Revision older = optional(json, "newerThan", Revision::parse);
        return older != null
                ? new Target.NewerThan(older)
                : new Target.RootHash(
                        required(json, "rootHash", ContentHash::parse), optional(json, "revision", Revision::parse));
    }

    private static ReplicaState readReplica(JsonNode json) {
        JsonNode served = json.path("served");
        return new ReplicaState(
                new Replica(
                        required(json, "name", Function.identity()), required(json, "location", Function.identity())),
                served.isObject() ? readManifest(served) : null,
                required(json, "rootCatalog", RootCatalog::valueOf),
                optional(json, "seenAt", Instant::parse),
                optional(json, "availableAt", Instant::parse),
                optional(json, "readAt", Instant::parse),
                optional(json, "snapshotAt", Instant::parse),
                optional(json, "error", Function.identity()),
                optional(json, "note", Function.identity()));
    }

    private static ManifestSummary readManifest(JsonNode json) {
        return new ManifestSummary(
                required(json, "revision", Revision::parse),
                optional(json, "rootHash", ContentHash::parse),
                optional(json, "publishedAt", Instant::parse));
    }

    private static <T> T required(JsonNode json, String key, Function<String, T> reader) {
        T value = optional(json, key, reader);
        if (value == null) {
            throw new InvalidInputException("snapshot of a gate has no '%s'".formatted(key));
        }
        return value;
    }

    private static <T> @Nullable T optional(JsonNode json, String key, Function<String, T> reader) {
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
