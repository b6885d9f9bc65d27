package io.jenkins.plugins.cvmfs.notify.proxy.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The JSON Schema of config.json, as it is shipped in the jar. */
public final class ConfigSchema {

    private static final String RESOURCE = "config.schema.json";

    private ConfigSchema() {}

    /** The schema's text, JSON with line breaks. */
    public static String text() {
        try (InputStream resource = ConfigSchema.class.getResourceAsStream(RESOURCE)) {
            if (resource == null) {
                throw new IllegalStateException("the jar lacks " + RESOURCE);
            }
            return new String(resource.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("the jar's %s cannot be read".formatted(RESOURCE), e);
        }
    }
}
