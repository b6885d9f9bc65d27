package io.jenkins.plugins.cvmfs.notify.client.message;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

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
        return MessageJson.answer(raw, MAX_BYTES, json -> {
            JsonNode relays = json.path("log").path("relays");
            return relays.isArray()
                    ? new RelayPath(MessageJson.texts(relays, MOST)
                            .filter(RelayPath::isId)
                            .toList())
                    : null;
        });
    }
}
