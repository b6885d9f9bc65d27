package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.http.BlockingRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.http.EndpointReply;
import io.jenkins.plugins.cvmfs.notify.proxy.http.EndpointRequest;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import java.util.Optional;

/** What each repository's last announcement said: {@code /api/v1/repositories}, and one of them below it. */
public final class RepositoriesRoute implements BlockingRoute {

    private static final String ALL = "/api/v1/repositories";
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;

    private final FanOut fanOut;

    /** Reads the fan-out's last values at each request. */
    public RepositoriesRoute(FanOut fanOut) {
        this.fanOut = fanOut;
    }

    @Override
    public boolean serves(String path) {
        return path.equals(ALL) || path.startsWith(ALL + "/");
    }

    @Override
    public EndpointReply get(EndpointRequest request) {
        String path = request.path();
        return path.equals(ALL) ? all() : one(path.substring(ALL.length() + 1));
    }

    private EndpointReply all() {
        ObjectNode body = JsonReply.object();
        ArrayNode repositories = body.putArray("repositories");
        fanOut.lastValues().forEach(announcement -> repositories.add(describe(announcement)));
        return JsonReply.of(OK, body);
    }

    private EndpointReply one(String name) {
        return lastValue(name)
                .map(announcement -> JsonReply.of(OK, describe(announcement)))
                .orElseGet(() -> JsonReply.of(
                        NOT_FOUND,
                        JsonReply.object().put("reason", "unknown_repository").put("status", "error")));
    }

    /** A name that breaks the rules is as unknown as any other. */
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
