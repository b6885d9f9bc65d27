package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Dispatch;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.RepositoryState;
import io.jenkins.plugins.cvmfs.notify.proxy.log.ActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogState;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishService;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The parts of the service's status in JSON; docs/protocol.md has the fields. */
final class StatusJson {

    private final ActivityLog log;
    private final PublishService admission;
    private final FanOut fanOut;
    private final MeterRegistry meters;

    StatusJson(ActivityLog log, PublishService admission, FanOut fanOut, MeterRegistry meters) {
        this.log = log;
        this.admission = admission;
        this.fanOut = fanOut;
        this.meters = meters;
    }

    /** Whether the service works, and how many connections it has. */
    ObjectNode service() {
        LogState state = log.state();
        ObjectNode service = JsonReply.object()
                .put("ready", state.isReady() && !admission.isDraining())
                .put("shutting_down", admission.isDraining());
        service.set("log", log(state));
        ObjectNode subscribers = service.putObject("subscribers");
        meters.find("cvmfs_notify_subscribers")
                .gauges()
                .forEach(gauge -> subscribers.put(String.valueOf(gauge.getId().getTag("kind")), (long) gauge.value()));
        service.put("subscribers_behind", value("cvmfs_notify_subscribers_behind"));
        service.put("publishes_pending", value("cvmfs_notify_publishes_pending"));
        return service;
    }

    /** The log's state; readiness says the same. */
    static ObjectNode log(LogState state) {
        return JsonReply.object()
                .put("kind", state.kind())
                .put("can_append", state.canAppend())
                .put("is_tailing", state.isTailing())
                .put("detail", state.detail());
    }

    private long value(String gauge) {
        Gauge found = meters.find(gauge).gauge();
        return found == null ? 0 : (long) found.value();
    }

    /** A row for each repository, by name. */
    Map<String, JsonNode> repositories() {
        Map<String, JsonNode> rows = new LinkedHashMap<>();
        fanOut.repositories().forEach(state -> rows.put(state.repository().value(), repository(state)));
        return rows;
    }

    private static ObjectNode repository(RepositoryState state) {
        ObjectNode row = state.last()
                .map(StatusJson::announced)
                .orElseGet(() ->
                        JsonReply.object().put("repository", state.repository().value()));
        return row.put("subscribers", state.subscribers())
                .put("announcements", state.announcements())
                .put("announced_last_hour", state.announcedLastHour());
    }

    /** A row for each of the latest announcements, by sequence, oldest first. */
    Map<String, JsonNode> recent() {
        Map<String, JsonNode> rows = new LinkedHashMap<>();
        for (Dispatch dispatch : fanOut.recent(0)) {
            rows.put(
                    String.valueOf(dispatch.sequence()),
                    announced(dispatch)
                            .put("sequence", dispatch.sequence())
                            .put("audience", dispatch.audience())
                            .put("written", dispatch.written()));
        }
        return rows;
    }

    private static ObjectNode announced(Dispatch dispatch) {
        RepositoryName repository = dispatch.announcement().message().repository();
        ObjectNode row = ManifestJson.of(
                        repository, dispatch.announcement().message().manifest())
                .put("announced", dispatch.announcement().announcedAt().toString());
        Optional<Duration> logDelay = dispatch.isHistory() ? Optional.empty() : Optional.of(dispatch.logDelay());
        Optional<Duration> propagation = dispatch.isHistory() ? Optional.empty() : dispatch.propagation();
        return row.put("log_delay_ms", millis(logDelay)).put("propagation_ms", millis(propagation));
    }

    /** To the microsecond. */
    private static @Nullable Double millis(Optional<Duration> time) {
        return time.map(t -> Math.round(t.toNanos() / 1e3) / 1e3).orElse(null);
    }
}
