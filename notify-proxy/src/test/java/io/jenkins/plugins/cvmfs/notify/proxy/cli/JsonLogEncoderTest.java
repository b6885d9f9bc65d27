package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

class JsonLogEncoderTest {

    private final JsonLogEncoder encoder = new JsonLogEncoder();

    @Test
    void anEventIsOneLineWithItsPairsAsFields() throws IOException {
        LoggingEvent event = event("publish\nrefused", null);
        event.addKeyValuePair(new KeyValuePair("detail", "a \"quoted\"\r\nname"));
        event.addKeyValuePair(new KeyValuePair("bytes", 17));
        event.addKeyValuePair(new KeyValuePair("first", true));
        event.addKeyValuePair(new KeyValuePair("nothing", null));

        String text = new String(encoder.encode(event), UTF_8);

        assertThat(text).endsWith("\n").containsOnlyOnce("\n");
        JsonNode line = new JsonMapper().readTree(text);
        assertThat(line.path("time").textValue()).isEqualTo("2026-11-23T12:00:00Z");
        assertThat(line.path("level").textValue()).isEqualTo("WARN");
        assertThat(line.path("logger").textValue()).isEqualTo("a.b.C");
        assertThat(line.path("message").textValue()).isEqualTo("publish\nrefused");
        assertThat(line.path("data").toString())
                .isEqualTo(
                        "{\"detail\":\"a \\\"quoted\\\"\\r\\nname\",\"bytes\":17,\"first\":true,\"nothing\":\"null\"}");
    }

    @Test
    void anExceptionStaysOnTheLineAndWithoutPairsThereIsNoData() throws IOException {
        String text = new String(encoder.encode(event("failed", new IOException("disk full"))), UTF_8);

        assertThat(text).containsOnlyOnce("\n");
        JsonNode line = new JsonMapper().readTree(text);
        assertThat(line.path("exception").textValue())
                .startsWith("java.io.IOException: disk full")
                .contains("at " + JsonLogEncoderTest.class.getName());
        assertThat(line.has("data")).isFalse();
    }

    private static LoggingEvent event(String message, Throwable thrown) {
        LoggingEvent event = new LoggingEvent(
                "", (Logger) LoggerFactory.getLogger("a.b.C"), Level.WARN, message, thrown, new Object[0]);
        event.setInstant(Instant.parse("2026-11-23T12:00:00Z"));
        return event;
    }
}
