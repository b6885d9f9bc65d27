package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.http.EndpointReply;
import io.jenkins.plugins.cvmfs.notify.proxy.http.EndpointRequest;
import io.jenkins.plugins.cvmfs.notify.proxy.http.StatusStream;
import io.jenkins.plugins.cvmfs.notify.proxy.log.ActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishService;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * {@code /api/v1/status}: everything an operator wants to see at once, and a stream of what changes in it. What the status page shows
 * comes from here.
 */
public final class StatusRoute implements StatusStream {

    static final String PATH = "/api/v1/status";

    private final StatusJson status;
    private final Predicate<EndpointRequest> mayLook;
    private final Clock clock;
    private final String started;
    private final Rows repositories = new Rows();
    private final Rows recent = new Rows();
    private JsonNode service = JsonReply.object();

    /**
     * @param clock tells the page how old things are, whatever its own clock shows
     * @param mayLook whether a request shows what it has to; asked when somebody begins to watch, and not again
     */
    public StatusRoute(
            ActivityLog log,
            PublishService admission,
            FanOut fanOut,
            Clock clock,
            MeterRegistry meters,
            Predicate<EndpointRequest> mayLook) {
        this.mayLook = mayLook;
        this.status = new StatusJson(log, admission, fanOut, meters);
        this.clock = clock;
        this.started = clock.instant().toString();
    }

    @Override
    public boolean serves(String path) {
        return path.equals(PATH);
    }

    @Override
    public EndpointReply get(EndpointRequest request) {
        return mayLook.test(request) ? JsonReply.fresh(whole()) : JsonReply.credentialsNeeded();
    }

    @Override
    public String whole() {
        ObjectNode all = message();
        all.set("service", status.service());
        status.repositories().values().forEach(all.putArray("repositories")::add);
        status.recent().values().forEach(all.putArray("recent")::add);
        return JsonReply.text(all);
    }

    @Override
    public Optional<String> changes() {
        ObjectNode changes = message();
        JsonNode now = status.service();
        if (!now.equals(service)) {
            changes.set("service", now);
            service = now;
        }
        ArrayNode changed = JsonReply.array();
        List<String> gone = repositories.replace(status.repositories(), changed);
        putUnlessEmpty(changes, "repositories", changed);
        if (!gone.isEmpty()) {
            gone.forEach(changes.putArray("gone")::add);
        }
        ArrayNode news = JsonReply.array();
        var unusedForgotten = recent.replace(status.recent(), news);
        putUnlessEmpty(changes, "recent", news);
        return changes.size() > message().size() ? Optional.of(JsonReply.text(changes)) : Optional.empty();
    }

    /** What every message says: which run of which proxy it is about, and when. */
    private ObjectNode message() {
        return JsonReply.object()
                .put("started", started)
                .put("now", clock.instant().toString());
    }

    private static void putUnlessEmpty(ObjectNode into, String field, ArrayNode rows) {
        if (!rows.isEmpty()) {
            into.set(field, rows);
        }
    }
}
