package io.jenkins.plugins.cvmfs.notify.client.message;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The times that revisions of a repository usually take to its replicas, as notify-proxy tells at {@code
 * /api/v1/repositories/NAME/replicas}.
 *
 * @param replicas those with a measured time
 */
public record UsualTimes(List<OfReplica> replicas) {

    /** The longest answer that is read, in bytes. */
    public static final int MAX_BYTES = 1024 * 1024;

    /** A longer time is taken for a mistake. */
    private static final double MOST_SECONDS = Duration.ofDays(365).toSeconds();

    private static final int MOST = 100;

    /**
     * The times of one replica.
     *
     * @param url where the server reads it
     * @param median half of the last revisions took no longer
     * @param most nor did 95 in 100 take longer than this
     */
    public record OfReplica(String url, Duration median, Duration most) {}

    public UsualTimes {
        replicas = List.copyOf(replicas);
    }

    /** Reads an answer; empty if it does not tell. */
    public static Optional<UsualTimes> parse(byte[] raw) {
        return MessageJson.answer(raw, MAX_BYTES, json -> {
            List<OfReplica> found = new ArrayList<>();
            for (JsonNode replica : json.path("replicas")) {
                JsonNode median = replica.path("p50_seconds");
                JsonNode most = replica.path("p95_seconds");
                if (found.size() < MOST
                        && isTime(median)
                        && isTime(most)
                        && replica.path("url").isTextual()) {
                    found.add(new OfReplica(replica.path("url").textValue(), time(median), time(most)));
                }
            }
            return new UsualTimes(found);
        });
    }

    private static boolean isTime(JsonNode seconds) {
        return seconds.isNumber() && seconds.doubleValue() >= 0 && seconds.doubleValue() <= MOST_SECONDS;
    }

    private static Duration time(JsonNode seconds) {
        return Duration.ofMillis(Math.round(seconds.doubleValue() * 1000));
    }
}
