package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateOutcome;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport.ReplicaReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.Heard;
import io.jenkins.plugins.cvmfs.notify.client.gate.ManifestSummary;
import io.jenkins.plugins.cvmfs.notify.client.gate.ReplicaState;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What {@code wait --json} prints; docs/cli.md has the fields. */
final class ReportJson {

    private ReportJson() {}

    static ObjectNode of(GateReport report) {
        Condition condition = report.condition();
        GateOutcome outcome = report.outcome();
        ObjectNode json = JsonLine.object()
                .put("repository", condition.repository().value())
                .put("reached", outcome == GateOutcome.REACHED)
                .put("outcome", outcome == null ? null : outcome.name().toLowerCase(Locale.ROOT));
        put(json, report.readable().orElse(null));
        json.put("target", condition.target().toString())
                .put("needed", condition.needed())
                .put("counted", report.counted())
                .put("waited_ms", report.waited().toMillis())
                .put("deadline", condition.deadline().toString())
                .put("missing", report.missing());
        Heard heard = report.heard();
        ObjectNode announced = json.putObject("announced");
        put(announced, heard == null ? null : heard.publication());
        put(announced, "heard_at", heard == null ? null : heard.at());
        report.replicas().forEach(replica -> json.withArray("replicas").add(of(replica)));
        return json;
    }

    private static ObjectNode of(ReplicaReport report) {
        ReplicaState state = report.state();
        ObjectNode json = JsonLine.object()
                .put("name", state.replica().name())
                .put("url", state.replica().location())
                .put("has_it", state.counts());
        put(json, state.served());
        put(json, "seen_at", state.seenAt());
        put(json, "available_at", state.availableAt());
        put(json, "since_publication_ms", report.sincePublication());
        put(json, "since_announcement_ms", report.sinceAnnouncement());
        put(json, "last_snapshot", state.snapshotAt());
        return json.put("error", state.error()).put("summary", report.summary());
    }

    /** The revision stands there twice: JavaScript would round a number above 2^53. */
    private static void put(ObjectNode json, @Nullable ManifestSummary publication) {
        String revision = publication == null ? null : publication.revision().toString();
        json.put("revision", revision == null ? null : new BigInteger(revision))
                .put("revision_text", revision)
                .put(
                        "root_hash",
                        publication == null ? null : publication.rootHash().toString());
        put(json, "published", publication == null ? null : publication.publishedAt());
    }

    private static void put(ObjectNode json, String key, @Nullable Instant instant) {
        json.put(key, instant == null ? null : instant.toString());
    }

    private static void put(ObjectNode json, String key, @Nullable Duration span) {
        json.put(key, span == null ? null : span.toMillis());
    }
}
