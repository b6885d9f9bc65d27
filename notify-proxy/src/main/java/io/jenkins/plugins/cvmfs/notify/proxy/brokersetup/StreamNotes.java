package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** What deserves a look about a stream that is there. */
final class StreamNotes {

    private StreamNotes() {}

    static List<String> of(StreamPlan stream, JsonNode queue) {
        List<String> notes = new ArrayList<>();
        long limit = queue.path("arguments").path("x-max-length-bytes").asLong(Long.MAX_VALUE);
        if (limit < stream.maxBytes()) {
            notes.add(
                    "the stream was made with a limit of %d bytes, which no policy can raise to %d; delete it to have it made again"
                            .formatted(limit, stream.maxBytes()));
        }
        int members = queue.path("members").size();
        if (stream.replicas().orElse(0) > members) {
            notes.add(
                    "the stream has %d replicas, not %d; add one with: rabbitmq-streams add_replica --vhost %s %s NODE"
                            .formatted(
                                    members,
                                    stream.replicas().getAsInt(),
                                    queue.path("vhost").asText(),
                                    stream.name()));
        }
        return notes;
    }
}
