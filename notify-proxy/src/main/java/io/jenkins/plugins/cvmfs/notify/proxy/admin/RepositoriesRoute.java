package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.http.BlockingRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Request;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Response;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.watch.ReplicaBoard;
import io.jenkins.plugins.cvmfs.notify.proxy.watch.ReplicaStatus;
import io.jenkins.plugins.cvmfs.notify.proxy.watch.ReplicaStatus.Percentiles;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The last values: of all repositories at {@code /api/v1/repositories}, of one below it; and below that its replicas. */
public final class RepositoriesRoute extends BlockingRoute {

    private static final String ALL = "/api/v1/repositories";
    private static final String REPLICAS = "/replicas";
    static final Response UNKNOWN = Response.error(404, "unknown_repository");

    private final FanOut fanOut;
    private final ReplicaBoard board;
    private final Clock clock;
    private final Predicate<Request> maySeeReplicas;

    /**
     * @param clock tells how old revisions are
     * @param maySeeReplicas asked on the event loops; who may not is answered with 401
     * @param executor see {@link BlockingRoute}
     */
    public RepositoriesRoute(
            FanOut fanOut, ReplicaBoard board, Clock clock, Predicate<Request> maySeeReplicas, Executor executor) {
        super(ALL, executor);
        this.fanOut = fanOut;
        this.board = board;
        this.clock = clock;
        this.maySeeReplicas = maySeeReplicas;
    }

    @Override
    public boolean serves(String path) {
        return super.serves(path) || path.startsWith(ALL + "/");
    }

    /** Replicas are places inside of sites, and may be of revisions that are still held. */
    @Override
    public void handle(Request request, Exchange exchange) {
        if (request.path().endsWith(REPLICAS) && !maySeeReplicas.test(request)) {
            exchange.answer(GuardedRoute.CREDENTIALS_NEEDED);
        } else {
            super.handle(request, exchange);
        }
    }

    @Override
    protected Response get(Request request) {
        String path = request.path();
        if (path.equals(ALL)) {
            ObjectNode body = JsonNodeFactory.instance.objectNode();
            ArrayNode repositories = body.putArray("repositories");
            fanOut.lastValues().forEach(announcement -> repositories.add(describe(announcement)));
            return Response.json(200, body.toString());
        }
        String name = path.substring(ALL.length() + 1);
        Optional<ObjectNode> found = name.endsWith(REPLICAS)
                ? repository(name.substring(0, name.length() - REPLICAS.length()))
                        .flatMap(fanOut::newestValue)
                        .map(this::replicas)
                : repository(name).flatMap(fanOut::lastValue).map(this::describe);
        return found.map(body -> Response.json(200, body.toString())).orElse(UNKNOWN);
    }

    /** A malformed name is as unknown as any other. */
    private static Optional<RepositoryName> repository(String name) {
        try {
            return Optional.of(new RepositoryName(name));
        } catch (InvalidInputException e) {
            return Optional.empty();
        }
    }

    private ObjectNode replicas(Announcement newest) {
        RepositoryName repository = newest.message().repository();
        ObjectNode body = ManifestJson.of(repository, newest.message().manifest())
                .put("announced", newest.announcedAt().toString());
        ArrayNode replicas = body.putArray("replicas");
        board.replicasOf(repository).forEach(status -> replicas.add(describe(repository, status)));
        return body;
    }

    private ObjectNode describe(RepositoryName repository, ReplicaStatus status) {
        Instant now = clock.instant();
        ObjectNode replica =
                describeShortly(status).put("url", status.location().toString());
        Manifest served = status.served();
        if (served != null) {
            ObjectNode fields = ManifestJson.of(repository, served);
            fields.remove("repository");
            replica.setAll(fields);
            putAge(replica, "age_seconds", served.publishedAt(), now);
        }
        put(replica, "first_seen", status.firstSeen());
        put(replica, "read", status.readAt());
        putAge(replica, "lag_seconds", status.laggingSince(), now);
        ArrayNode times = replica.putArray("propagations");
        board.propagationsOf(repository, status.location())
                .forEach(it -> times.addObject()
                        .put("revision_text", it.revision().toString())
                        .put("seconds", seconds(it.time()))
                        .put("within_seconds", seconds(it.within())));
        return replica;
    }

    /** Describes a replica as the status does. */
    static ObjectNode describeShortly(ReplicaStatus status) {
        ObjectNode replica = JsonNodeFactory.instance
                .objectNode()
                .put("replica", status.replica())
                .put("state", status.state().toString());
        if (status.served() != null) {
            replica.put("revision_text", status.served().revision().toString());
        }
        put(replica, "lagging_since", status.laggingSince());
        if (status.error() != null) {
            replica.put("error", status.error());
        }
        put(replica, "error_since", status.errorSince());
        putUsual(replica, status.usual());
        return replica;
    }

    /** Adds the percentiles of propagation times, if there are any. */
    static void putUsual(ObjectNode json, Optional<Percentiles> usual) {
        usual.ifPresent(times -> json.put("measured", times.count())
                .put("p50_seconds", seconds(times.p50()))
                .put("p95_seconds", seconds(times.p95())));
    }

    private static void put(ObjectNode json, String key, @Nullable Instant time) {
        if (time != null) {
            json.put(key, time.toString());
        }
    }

    private static void putAge(ObjectNode json, String key, @Nullable Instant since, Instant now) {
        if (since != null) {
            json.put(key, Math.max(0, seconds(Duration.between(since, now))));
        }
    }

    private static double seconds(Duration time) {
        return time.toMillis() / 1e3;
    }

    private ObjectNode describe(Announcement announcement) {
        RepositoryName repository = announcement.message().repository();
        return ManifestJson.of(repository, announcement.message().manifest())
                .put("announced", announcement.announcedAt().toString())
                .put("subscribers", fanOut.subscribers(repository));
    }
}
