package io.jenkins.plugins.cvmfs.notify.client.message;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a notification server says of a request: {@code {"status":"ok"}} or {@code {"status":"error","reason":"…"}}.
 *
 * @param reason a word or the server's own words, empty if it gave none
 * @param repository which one it is about; null if it does not say
 * @param detail a sentence for people, empty if it gave none
 */
public record ServerReply(
        String status, String reason, @Nullable RepositoryName repository, String detail) {

    /** The longest reply read, in bytes. */
    public static final int MAX_BYTES = 4 * 1024;

    /** A reply that is about no repository in particular. */
    public ServerReply(String status, String reason) {
        this(status, reason, null, "");
    }

    /** Reads a reply; empty if the bytes are anything else, such as a proxy's error page or an activity message. */
    public static Optional<ServerReply> parse(byte[] raw) {
        try {
            JsonNode json = MessageJson.object(raw, MAX_BYTES);
            return Optional.of(new ServerReply(
                    MessageJson.text(json, "status"),
                    json.path("reason").asText(""),
                    json.has("repository") ? MessageJson.repository(json) : null,
                    json.path("detail").asText("")));
        } catch (MessageFormatException notOne) {
            return Optional.empty();
        }
    }

    /** Whether the server did what it was asked. */
    public boolean isOk() {
        return "ok".equals(status);
    }
}
