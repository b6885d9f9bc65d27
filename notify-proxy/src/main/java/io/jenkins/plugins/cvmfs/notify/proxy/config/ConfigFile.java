package io.jenkins.plugins.cvmfs.notify.proxy.config;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.FileProblem;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Origin.Layer;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RawValue.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads config.json token by token, so that each value has its line, a duplicate key is noticed, and one fault does not hide the
 * others (docs/decisions/0004).
 */
final class ConfigFile {

    /** A real one has a few hundred bytes. */
    private static final long MAX_BYTES = 1024 * 1024;

    /** Lists of objects with lists need five. */
    private static final int MAX_DEPTH = 20;

    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
            .build();

    /** Takes the value of one key of an object; the parser stands on the value's first token. */
    private interface Member {
        void read(String name, JsonToken token, Origin origin) throws IOException;
    }

    private final Path file;
    private final JsonParser parser;
    private final ConfigValues values;

    private ConfigFile(Path file, JsonParser parser, ConfigValues values) {
        this.file = file;
        this.parser = parser;
        this.values = values;
    }

    /** Adds every value of the file, and everything that is wrong with the file, to the values. */
    static void read(Path file, ConfigValues values) {
        Origin whole = new Origin(Layer.FILE, "file " + file);
        try {
            if (Files.size(file) > MAX_BYTES) {
                values.problem("", "the file is longer than %d bytes".formatted(MAX_BYTES), whole);
                return;
            }
            try (JsonParser parser = JSON.createParser(Files.readAllBytes(file))) {
                new ConfigFile(file, parser, values).document();
            }
        } catch (NoSuchFileException e) {
            values.problem("", "there is no such file", whole);
        } catch (IOException e) {
            values.problem("", "the file cannot be read: " + FileProblem.reason(e), whole);
        }
    }

    private void document() throws IOException {
        try {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                values.problem("", "must hold one JSON object", here());
                return;
            }
            object("", this::topLevel);
            if (parser.nextToken() != null) {
                values.problem("", "holds more than one JSON object", here());
            }
        } catch (JacksonException e) {
            values.problem("", "is not valid JSON: " + Excerpt.of(e.getOriginalMessage()), here());
        }
    }

    private void object(String prefix, Member member) throws IOException {
        Map<String, Integer> lines = new HashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            Origin origin = here();
            Integer first = lines.putIfAbsent(name, line());
            JsonToken token = parser.nextToken();
            if (first == null) {
                member.read(name, token, origin);
            } else {
                values.problem(Excerpt.of(prefix + name), "duplicate key; first in line " + first, origin);
                parser.skipChildren();
            }
        }
    }

    private void topLevel(String name, JsonToken token, Origin origin) throws IOException {
        if (!ConfigKey.SECTIONS.contains(name)) {
            values.take(name, value(name, token, origin));
        } else if (token == JsonToken.START_OBJECT) {
            String prefix = name + ".";
            object(prefix, (inner, first, at) -> values.take(prefix + inner, value(prefix + inner, first, at)));
        } else {
            values.problem(name, "must be an object with further keys", origin);
            parser.skipChildren();
        }
    }

    private RawValue value(String path, JsonToken token, Origin origin) throws IOException {
        return switch (token) {
            case VALUE_STRING -> new RawValue(Kind.TEXT, parser.getText(), origin);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new RawValue(Kind.NUMBER, parser.getText(), origin);
            case VALUE_TRUE, VALUE_FALSE -> new RawValue(Kind.BOOLEAN, parser.getText(), origin);
            case START_OBJECT -> {
                Map<String, RawValue> fields = new LinkedHashMap<>();
                String prefix = path + ".";
                object(prefix, (name, first, at) -> fields.put(name, value(prefix + name, first, at)));
                yield new RawValue(Kind.OBJECT, "an object", origin, List.of(), fields);
            }
            case START_ARRAY -> {
                List<RawValue> elements = new ArrayList<>();
                for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                    elements.add(value("%s[%d]".formatted(path, elements.size()), next, here()));
                }
                yield new RawValue(Kind.LIST, "a list", origin, elements, Map.of());
            }
            default -> new RawValue(Kind.NULL, "null", origin);
        };
    }

    private int line() {
        return Math.max(1, parser.currentTokenLocation().getLineNr());
    }

    private Origin here() {
        return new Origin(Layer.FILE, "file %s, line %d".formatted(file, line()));
    }
}
