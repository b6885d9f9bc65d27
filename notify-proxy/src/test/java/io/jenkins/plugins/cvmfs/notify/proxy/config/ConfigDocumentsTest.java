package io.jenkins.plugins.cvmfs.notify.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Code, JSON Schema and documentation must say the same. */
class ConfigDocumentsTest {

    private static final JsonMapper MAPPER = new JsonMapper();

    @Test
    void theSchemaHasEveryKeyWithItsDefaultAndBounds() throws IOException {
        Map<String, JsonNode> schema = schemaByPath();

        assertThat(schema.keySet()).containsExactlyElementsOf(ConfigKey.BY_PATH.keySet());
        ConfigKey.ALL.forEach(key -> {
            JsonNode described = schema.get(key.path());
            assertThat(described.path("default").asText()).as(key.path()).isEqualTo(fallback(key));
            if (key.type().kind().equals("number")) {
                assertThat(described.path("minimum").asInt())
                        .as(key.path())
                        .isEqualTo(key.type().bounds().get(0));
                assertThat(described.path("maximum").asInt())
                        .as(key.path())
                        .isEqualTo(key.type().bounds().get(1));
            }
        });
    }

    @Test
    void theSchemaAndTheDocumentationHaveEveryKeyOfTheObjectsInLists() throws IOException {
        Map<String, JsonNode> schema = schemaByPath();
        String documentation = Files.readString(Path.of("../docs/configuration.md"));

        ConfigKey.ALL.forEach(key -> {
            List<ConfigKey<?>> keys = key.type().keys();
            if (!keys.isEmpty()) {
                List<String> inner = keys.stream().map(ConfigKey::path).toList();
                JsonNode items = schema.get(key.path()).path("items");
                assertThat(items.path("properties").fieldNames()).toIterable().containsExactlyElementsOf(inner);
                assertThat(items.path("required"))
                        .extracting(JsonNode::asText)
                        .containsExactlyElementsOf(keys.stream()
                                .filter(ConfigKey::isRequired)
                                .map(ConfigKey::path)
                                .toList());
                assertThat(items.path("additionalProperties").asText()).isEqualTo("false");
                assertThat(inner).allSatisfy(name -> assertThat(documentation).contains("| `" + name + "` |"));
            }
        });
    }

    @Test
    void theSchemaRefusesUnknownKeysAsTheLoaderDoes() throws IOException {
        JsonNode root = MAPPER.readTree(ConfigLoader.schema());

        assertThat(root.path("additionalProperties").isBoolean()).isTrue();
        ConfigKey.SECTIONS.forEach(section -> assertThat(root.path("properties")
                        .path(section)
                        .path("additionalProperties")
                        .asText())
                .as(section)
                .isEqualTo("false"));
    }

    @Test
    void theDocumentationHasEveryKeyWithItsKindAndDefault() throws IOException {
        List<String> rows = documentedRows();

        List<String> expected =
                ConfigKey.ALL.stream().map(ConfigDocumentsTest::row).toList();
        assertThat(rows).containsExactlyElementsOf(expected);
    }

    @Test
    void theDocumentationNamesTheVariablesThatAreNotLikeTheirKey() throws IOException {
        String documentation = Files.readString(Path.of("../docs/configuration.md"));

        assertThat(ConfigKey.ALL)
                .filteredOn(key -> !key.variable()
                        .equals("CVMFS_NOTIFY_" + key.path().replace('.', '_').toUpperCase(Locale.ROOT)))
                .hasSize(2)
                .allSatisfy(
                        key -> assertThat(documentation).contains("`" + key.path() + "`", "`" + key.variable() + "`"));
    }

    /** Two are no limits on others: how often to ping, and how long the proxy itself takes to end. */
    @Test
    void everyLimitStandsInTheTableOfWhatTheOneTooManyGets() throws IOException {
        String table = Files.readString(Path.of("../docs/security.md"));
        String limits = table.substring(table.indexOf("## Limits"), table.indexOf("## Hardening"));

        assertThat(ConfigKey.ALL.stream()
                        .map(ConfigKey::path)
                        .filter(path -> path.startsWith("limits."))
                        .map(path -> path.substring("limits.".length()))
                        .filter(name -> !name.equals("ping_interval") && !name.equals("drain_timeout")))
                .hasSizeGreaterThan(10)
                .allSatisfy(name -> assertThat(limits).contains("| `" + name + "`"));
    }

    private static String row(ConfigKey<?> key) {
        return "%s|%s|%s".formatted(key.path(), key.type().kind(), fallback(key));
    }

    private static <T> String fallback(ConfigKey<T> key) {
        return String.valueOf(key.type().writer().apply(key.fallback()));
    }

    /** The rows of the table of keys, cut down to the columns that the code knows. */
    private static List<String> documentedRows() throws IOException {
        List<String> rows = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("../docs/configuration.md"))) {
            String[] cells = line.replace("`", "").split("\\s*\\|\\s*", -1);
            if (line.startsWith("| `") && cells.length > 6) {
                rows.add("%s|%s|%s".formatted(cells[1], cells[2], cells[3]));
            }
        }
        return rows;
    }

    private static Map<String, JsonNode> schemaByPath() throws IOException {
        Map<String, JsonNode> byPath = new LinkedHashMap<>();
        MAPPER.readTree(ConfigLoader.schema()).path("properties").properties().forEach(top -> {
            JsonNode nested = top.getValue().path("properties");
            if (nested.isObject()) {
                nested.properties().forEach(key -> byPath.put(top.getKey() + "." + key.getKey(), key.getValue()));
            } else if (!top.getKey().equals("$schema")) {
                byPath.put(top.getKey(), top.getValue());
            }
        });
        return byPath;
    }
}
