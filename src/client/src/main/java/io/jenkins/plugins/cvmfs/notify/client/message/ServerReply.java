package io.jenkins.plugins.cvmfs.notify.client.message;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A notification server's answer to a request: {@code {"status":"ok"}} or {@code {"status":"error","reason":"…"}}. The
 * constants are the fixed answers, byte for byte those of the original service; all are ASCII.
 *
 * @param reason a word or the server's own text, empty if missing
 * @param repository the repository that the answer is about, null if missing
 * @param detail a sentence for people, empty if missing
 */
public record ServerReply(
        String status, String reason, @Nullable RepositoryName repository, String detail) {

    /** Answers a publish that the log has confirmed. */
    public static final String PUBLISHED = "{\"status\":\"ok\"}";

    /** Answers a publish that is not an activity message. */
    public static final String INVALID_MESSAGE = "{\"reason\":\"invalid_message\",\"status\":\"error\"}";

    /** Answers a WebSocket message that is not JSON. */
    public static final String NOT_JSON = "{\"reason\":\"message is not valid JSON\",\"status\":\"error\"}";

    /** Answers a WebSocket message that is JSON but not a subscription. */
    public static final String INVALID_SUBSCRIPTION =
            "{\"reason\":\"invalid subscription message\",\"status\":\"error\"}";

    /** The longest reply that is read, in bytes. */
    public static final int MAX_BYTES = 4 * 1024;

    /** Makes a reply that names no repository. */
    public ServerReply(String status, String reason) {
        this(status, reason, null, "");
    }

    /** Reads a reply; empty if the bytes are anything else, such as an HTTP proxy's error page or an activity message. */
    public static Optional<ServerReply> parse(byte[] raw) {
        if (new String(raw, US_ASCII).equals(PUBLISHED)) {
            // Without the JSON parser, which takes a command longer to load than the announcement itself.
            return Optional.of(new ServerReply("ok", ""));
        }
        return MessageJson.answer(
                raw,
                MAX_BYTES,
                json -> new ServerReply(
                        MessageJson.text(json, "status"),
                        json.path("reason").asText(""),
                        json.has("repository") ? MessageJson.repository(json) : null,
                        json.path("detail").asText("")));
    }

    /** Returns true if the request succeeded. */
    public boolean isOk() {
        return "ok".equals(status);
    }
}
