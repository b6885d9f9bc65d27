package io.jenkins.plugins.cvmfs.notify.proxy.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** One of the two descriptions in docs/api. */
final class ApiDocument {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
            .build();

    private final JsonNode root;

    private ApiDocument(JsonNode root) {
        this.root = root;
    }

    static ApiDocument read(String name) {
        try {
            return new ApiDocument(MAPPER.readTree(Path.of("../docs/api", name).toFile()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode json(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    JsonNode root() {
        return root;
    }

    /** The node itself, or the one that its {@code $ref} points to. */
    JsonNode resolve(JsonNode node) {
        JsonNode resolved = node;
        while (resolved.has("$ref")) {
            String reference = resolved.path("$ref").textValue();
            resolved = root.at(reference.substring(1));
            assertThat(resolved.isMissingNode()).as(reference).isFalse();
        }
        return resolved;
    }

    /** Fails unless this is what the schema, somewhere in this document, says. */
    void assertMatches(JsonNode schema, JsonNode instance) {
        ObjectNode alone = MAPPER.createObjectNode();
        alone.set("components", root.path("components"));
        alone.putArray("allOf").add(schema);
        var problems = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(alone)
                .validate(instance, context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)));
        assertThat(problems).as("%s", instance).isEmpty();
    }
}
