package io.jenkins.plugins.cvmfs.notify.client.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * What a notification server says of a request: {@code {"status":"ok"}} or {@code {"status":"error","reason":"…"}}.
 *
 * @param reason the server's own words, empty if it gave none
 */
public record Reply(String status, String reason) {

    /** The longest reply read, in bytes. */
    public static final int MAX_BYTES = 4 * 1024;

    /** Reads a reply; empty if the bytes are anything else, such as a proxy's error page or an activity message. */
    public static Optional<Reply> parse(byte[] raw) {
        try {
            JsonNode json = MessageJson.object(raw, MAX_BYTES);
            return Optional.of(new Reply(
                    MessageJson.text(json, "status"), json.path("reason").asText("")));
        } catch (MessageFormatException notOne) {
            return Optional.empty();
        }
    }

    /** Whether the server did what it was asked. */
    public boolean isOk() {
        return "ok".equals(status);
    }
}
