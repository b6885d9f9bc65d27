package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.http.BlockingRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Request;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Response;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import java.util.Optional;
import java.util.concurrent.Executor;

/** The last values: of all repositories at {@code /api/v1/repositories}, of one below it. */
public final class RepositoriesRoute extends BlockingRoute {

    private static final String ALL = "/api/v1/repositories";

    private final FanOut fanOut;

    /** @param executor see {@link BlockingRoute} */
    public RepositoriesRoute(FanOut fanOut, Executor executor) {
        super(executor);
        this.fanOut = fanOut;
    }

    @Override
    public boolean serves(String path) {
        return path.equals(ALL) || path.startsWith(ALL + "/");
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
        return lastValue(path.substring(ALL.length() + 1))
                .map(announcement -> Response.json(200, describe(announcement).toString()))
                .orElseGet(() -> Response.error(404, "unknown_repository"));
    }

    /** A malformed name is as unknown as any other. */
    private Optional<Announcement> lastValue(String name) {
        try {
            return fanOut.lastValue(new RepositoryName(name));
        } catch (InvalidInputException e) {
            return Optional.empty();
        }
    }

    private ObjectNode describe(Announcement announcement) {
        RepositoryName repository = announcement.message().repository();
        return ManifestJson.of(repository, announcement.message().manifest())
                .put("announced", announcement.announcedAt().toString())
                .put("subscribers", fanOut.subscribers(repository));
    }
}
