package io.jenkins.plugins.cvmfs.notify.proxy.config;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
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

/** Reads config.json token by token, so that each value knows its line and a key that stands twice is noticed. */
final class ConfigFile {

    /** A real one has a few hundred bytes. */
    private static final long MAX_BYTES = 1024 * 1024;

    /** Lists of objects with lists are as deep as it gets. */
    private static final int MAX_DEPTH = 20;

    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
            .build();

    private final Path file;
    private final JsonParser parser;
    private final Layers layers;

    private ConfigFile(Path file, JsonParser parser, Layers layers) {
        this.file = file;
        this.parser = parser;
        this.layers = layers;
    }

    /** Gives every value of the file, and everything wrong with the file, to the layers. */
    static void read(Path file, Layers layers) {
        Origin whole = new Origin(Layer.FILE, "file " + file);
        try {
            if (Files.size(file) > MAX_BYTES) {
                layers.problem("", "the file is longer than %d bytes".formatted(MAX_BYTES), whole);
                return;
            }
            readTokens(file, layers);
        } catch (NoSuchFileException e) {
            layers.problem("", "there is no such file", whole);
        } catch (IOException e) {
            layers.problem("", "the file cannot be read: " + Excerpt.of(String.valueOf(e.getMessage())), whole);
        }
    }

    private static void readTokens(Path file, Layers layers) throws IOException {
        try (JsonParser parser = JSON.createParser(Files.readAllBytes(file))) {
            ConfigFile reader = new ConfigFile(file, parser, layers);
            try {
                reader.document();
            } catch (JacksonException e) {
                layers.problem("", "is not valid JSON: " + Excerpt.of(e.getOriginalMessage()), reader.here());
            }
        }
    }

    private void document() throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            layers.problem("", "must hold one JSON object", here());
            return;
        }
        object("");
        if (parser.nextToken() != null) {
            layers.problem("", "holds more than one JSON object", here());
        }
    }

    private void object(String prefix) throws IOException {
        Map<String, Integer> lines = new HashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String path = prefix + parser.currentName();
            Origin origin = here();
            int line = parser.currentTokenLocation().getLineNr();
            Integer first = lines.putIfAbsent(path, line);
            JsonToken token = parser.nextToken();
            if (first != null) {
                layers.problem(Excerpt.of(path), "stands twice; first in line " + first, origin);
                parser.skipChildren();
            } else {
                value(path, token, origin);
            }
        }
    }

    private void value(String path, JsonToken token, Origin origin) throws IOException {
        if (!ConfigKeys.SECTIONS.contains(path)) {
            layers.given(path, raw(path, token, origin));
        } else if (token == JsonToken.START_OBJECT) {
            object(path + ".");
        } else {
            layers.problem(path, "must be an object with further keys", origin);
            parser.skipChildren();
        }
    }

    private RawValue raw(String path, JsonToken token, Origin origin) throws IOException {
        return switch (token) {
            case VALUE_STRING -> new RawValue(Kind.TEXT, parser.getText(), origin);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new RawValue(Kind.NUMBER, parser.getText(), origin);
            case VALUE_TRUE, VALUE_FALSE -> new RawValue(Kind.BOOLEAN, parser.getText(), origin);
            case START_OBJECT -> new RawValue(Kind.OBJECT, "an object", origin, List.of(), fields(path));
            case START_ARRAY -> new RawValue(Kind.LIST, "a list", origin, elements(path), Map.of());
            default -> new RawValue(Kind.NULL, "null", origin);
        };
    }

    private List<RawValue> elements(String path) throws IOException {
        List<RawValue> elements = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            elements.add(raw("%s[%d]".formatted(path, elements.size()), token, here()));
        }
        return elements;
    }

    private Map<String, RawValue> fields(String path) throws IOException {
        Map<String, RawValue> fields = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            Origin origin = here();
            String inner = path + "." + name;
            RawValue value = raw(inner, parser.nextToken(), origin);
            if (fields.putIfAbsent(name, value) != null) {
                layers.problem(inner, "stands twice", origin);
            }
        }
        return fields;
    }

    private Origin here() {
        int line = Math.max(1, parser.currentTokenLocation().getLineNr());
        return new Origin(Layer.FILE, "file %s, line %d".formatted(file, line));
    }
}
