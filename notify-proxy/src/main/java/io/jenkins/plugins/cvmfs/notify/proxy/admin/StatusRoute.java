package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Dispatch;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.RepositoryState;
import io.jenkins.plugins.cvmfs.notify.proxy.hold.Hold;
import io.jenkins.plugins.cvmfs.notify.proxy.http.BlockingRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Request;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Response;
import io.jenkins.plugins.cvmfs.notify.proxy.http.SharedResponse;
import io.jenkins.plugins.cvmfs.notify.proxy.log.ActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogState;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishService;
import io.jenkins.plugins.cvmfs.notify.proxy.watch.ReplicaBoard;
import io.jenkins.plugins.cvmfs.notify.proxy.watch.ReplicaStatus;
import io.jenkins.plugins.cvmfs.notify.proxy.watch.ReplicaStatus.ServerStatus;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * {@code /api/v1/status}: the state for operators; docs/protocol.md has the fields. The status page polls it, so one response serves
 * all clients for half a second, and a client whose copy differs in the time only gets 304.
 */
public final class StatusRoute extends BlockingRoute {

    static final String PATH = "/api/v1/status";

    private static final Duration SHARED_FOR = Duration.ofMillis(500);

    private final ActivityLog log;
    private final PublishService publishing;
    private final FanOut fanOut;
    private final Hold hold;
    private final ReplicaBoard board;
    private final Clock clock;
    private final MeterRegistry meters;
    private final String started;
    private final String host = hostName();

    /**
     * @param clock tells the page how old things are, whatever its own clock shows
     * @param executor see {@link BlockingRoute}
     */
    public StatusRoute(
            ActivityLog log,
            PublishService publishing,
            FanOut fanOut,
            Hold hold,
            ReplicaBoard board,
            Clock clock,
            MeterRegistry meters,
            Executor executor) {
        super(PATH, executor, new SharedResponse(SHARED_FOR, System::nanoTime));
        this.log = log;
        this.publishing = publishing;
        this.fanOut = fanOut;
        this.hold = hold;
        this.board = board;
        this.clock = clock;
        this.meters = meters;
        this.started = clock.instant().toString();
    }

    @Override
    protected Response get(Request request) {
        ObjectNode status = object().put("started", started);
        status.set("service", service());
        fanOut.repositories().stream().map(this::repository).forEach(status.putArray("repositories")::add);
        board.servers().stream().map(StatusRoute::server).forEach(status.putArray("replicas")::add);
        fanOut.recent(0).stream().map(StatusRoute::recent).forEach(status.putArray("recent")::add);
        String content = status.toString();
        String body = "{\"now\":\"" + clock.instant() + "\"," + content.substring(1);
        // Weak: statuses that differ in their time only are not the same bytes.
        return Response.json(200, body)
                .with("ETag", "W/" + Response.tag(content))
                .with("Cache-Control", "no-store");
    }

    /** Returns the name that the kernel has, since asking a name service may take long. */
    private static String hostName() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException e) {
            return BuildInfo.UNKNOWN;
        }
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private ObjectNode service() {
        LogState state = log.state();
        ObjectNode service = object().put("ready", state.isReady() && !publishing.isDraining())
                .put("shutting_down", publishing.isDraining())
                .put("version", BuildInfo.version())
                .put("host", host);
        service.set("log", logJson(state));
        ObjectNode subscribers = service.putObject("subscribers");
        meters.find("cvmfs_notify_subscribers")
                .gauges()
                .forEach(gauge -> subscribers.put(String.valueOf(gauge.getId().getTag("kind")), (long) gauge.value()));
        return service.put("subscribers_behind", gauge("cvmfs_notify_subscribers_behind"))
                .put("publishes_pending", gauge("cvmfs_notify_publishes_pending"))
                .put("polled_repositories", gauge("cvmfs_notify_polled_repositories"))
                .put("polled_hosts_failing", gauge("cvmfs_notify_polled_hosts_failing"));
    }

    /** Describes the log's state, here and for readiness. */
    static ObjectNode logJson(LogState state) {
        ObjectNode json = object().put("kind", state.kind())
                .put("can_append", state.canAppend())
                .put("is_tailing", state.isTailing())
                .put("detail", state.detail());
        state.since().ifPresent(since -> json.put("since", since.toString()));
        if (!state.relays().isEmpty()) {
            state.relays().forEach(json.putArray("relays")::add);
        }
        return json;
    }

    private long gauge(String name) {
        Gauge found = meters.find(name).gauge();
        return found == null ? 0 : (long) found.value();
    }

    private ObjectNode repository(RepositoryState state) {
        ObjectNode row = state.last()
                .map(StatusRoute::announced)
                .orElseGet(() -> object().put("repository", state.repository().value()));
        hold.heldRevision(state.repository()).ifPresent(held -> row.set("held", HeldRoute.describe(held)));
        List<ReplicaStatus> replicas = board.replicasOf(state.repository());
        if (!replicas.isEmpty()) {
            replicas.stream().map(RepositoriesRoute::describeShortly).forEach(row.putArray("replicas")::add);
        }
        state.firstAnnounced().ifPresent(first -> row.put("first_announced", first.toString()));
        return row.put("subscribers", state.subscribers())
                .put("announcements", state.announcements())
                .put("announced_last_hour", state.announcedLastHour());
    }

    private static ObjectNode server(ServerStatus server) {
        ObjectNode json = object().put("replica", server.replica())
                .put("repositories", server.repositories())
                .put("lagging", server.lagging())
                .put("unreadable", server.unreadable());
        RepositoriesRoute.putUsual(json, server.usual());
        return json;
    }

    private static ObjectNode recent(Dispatch dispatch) {
        return announced(dispatch)
                .put("sequence", dispatch.sequence())
                .put("audience", dispatch.audience())
                .put("written", dispatch.written());
    }

    private static ObjectNode announced(Dispatch dispatch) {
        RepositoryName repository = dispatch.announcement().message().repository();
        Optional<Duration> logDelay = dispatch.isHistory() ? Optional.empty() : Optional.of(dispatch.logDelay());
        Optional<Duration> propagation = dispatch.isHistory() ? Optional.empty() : dispatch.propagation();
        return ManifestJson.of(repository, dispatch.announcement().message().manifest())
                .put("announced", dispatch.announcement().announcedAt().toString())
                .put("log_delay_ms", millis(logDelay))
                .put("propagation_ms", millis(propagation));
    }

    /** Rounds to the microsecond. */
    static @Nullable Double millis(Optional<Duration> time) {
        return time.map(t -> Math.round(t.toNanos() / 1e3) / 1e3).orElse(null);
    }
}
