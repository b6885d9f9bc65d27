package io.jenkins.plugins.cvmfs.notify.client.message;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;

/** The request to receive the announcements of a repository: {@code {"version":1,"repository":"NAME"}}. */
public record SubscribeMessage(RepositoryName repository) {

    /** The longest message accepted, in bytes. */
    public static final int MAX_BYTES = 4 * 1024;

    /**
     * Reads the message; unknown keys are ignored.
     *
     * @throws MessageFormatException if it is malformed; its fault says how
     */
    public static SubscribeMessage parse(byte[] raw) {
        JsonNode json = MessageJson.object(raw, MAX_BYTES);
        MessageJson.requireVersion(json);
        return new SubscribeMessage(MessageJson.repository(json));
    }

    /** Returns the bytes that the C++ clients send, UTF-8. */
    public byte[] toBytes() {
        return "{\"version\":1,\"repository\":\"%s\"}".formatted(repository).getBytes(UTF_8);
    }
}
