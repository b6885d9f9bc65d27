package io.jenkins.plugins.cvmfs.notify.client.message;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/**
 * The relays that a server's announcements come through, as notify-proxy tells with its readiness: {@code {"log":{"relays":["ID",…]}}}.
 *
 * @param relays their ids: that of the server itself first, if it is a relay, then that of its upstream, and so on
 */
public record RelayPath(List<String> relays) {

    /** The longest answer that is read, in bytes. */
    public static final int MAX_BYTES = 16 * 1024;

    /** The most relays that are read; no useful chain is so long. */
    public static final int MOST = 64;

    private static final Pattern ID = Pattern.compile("[a-z0-9]{1,32}");

    public RelayPath {
        relays = List.copyOf(relays);
    }

    /** Returns true if this can be the id of a relay. */
    public static boolean isId(String text) {
        return ID.matcher(text).matches();
    }

    /** Reads an answer; empty if it does not tell. */
    public static Optional<RelayPath> parse(byte[] raw) {
        try {
            JsonNode relays = MessageJson.object(raw, MAX_BYTES).path("log").path("relays");
            return relays.isArray()
                    ? Optional.of(new RelayPath(StreamSupport.stream(relays.spliterator(), false)
                            .limit(MOST)
                            .map(JsonNode::asText)
                            .filter(RelayPath::isId)
                            .toList()))
                    : Optional.empty();
        } catch (MessageFormatException other) {
            return Optional.empty();
        }
    }
}
