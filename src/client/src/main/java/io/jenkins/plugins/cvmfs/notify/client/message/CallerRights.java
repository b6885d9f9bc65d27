package io.jenkins.plugins.cvmfs.notify.client.message;

import com.fasterxml.jackson.databind.JsonNode;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The rights of a caller at a notification server, as notify-proxy tells them.
 *
 * @param hasCredentials true if the server knows the caller's credentials; false if it sent none, or they are for another server
 * @param publish the repositories that the caller may announce: names, and patterns with {@code *}
 * @param subscribe the same for what it may subscribe to
 * @param repositories the answers for the repositories that were asked about, in their order
 */
public record CallerRights(
        boolean hasCredentials,
        List<String> publish,
        List<String> subscribe,
        Map<RepositoryName, PerRepository> repositories) {

    /** Where notify-proxy tells it. */
    public static final String PATH = "/api/v1/rights";

    /** The most repositories that may be asked about at once, and the most patterns that are read. */
    public static final int MOST = 100;

    /** The longest answer that is read, in bytes. */
    public static final int MAX_BYTES = 128 * 1024;

    /**
     * The rights to one repository. The words are {@code yes}, {@code no}, {@code verified} (with a valid signature), and {@code upstream}
     * (a relay's upstream decides).
     */
    public record PerRepository(String publish, String subscribe) {}

    /** Copies the lists. */
    public CallerRights {
        publish = List.copyOf(publish);
        subscribe = List.copyOf(subscribe);
    }

    /** Reads an answer; empty if it is anything else. */
    public static Optional<CallerRights> parse(byte[] raw) {
        return MessageJson.answer(raw, MAX_BYTES, json -> {
            Map<RepositoryName, PerRepository> repositories = new LinkedHashMap<>();
            for (JsonNode each : json.path("repositories")) {
                repositories.put(
                        MessageJson.repository(each),
                        new PerRepository(MessageJson.text(each, "publish"), MessageJson.text(each, "subscribe")));
            }
            return new CallerRights(
                    MessageJson.text(json, "credentials").equals("valid"),
                    MessageJson.texts(json.path("publish"), MOST).toList(),
                    MessageJson.texts(json.path("subscribe"), MOST).toList(),
                    repositories);
        });
    }
}
