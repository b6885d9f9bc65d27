package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.AnnouncementCounts.Range;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.AnnouncementCounts.Series;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.http.BlockingRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Request;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Response;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * {@code /api/v1/activity}: how many announcements there were in each step of a range, of all repositories or of one. The chart of
 * the status page.
 */
public final class ActivityRoute extends BlockingRoute {

    private static final String PATH = "/api/v1/activity";

    private final FanOut fanOut;

    /** @param executor see {@link BlockingRoute} */
    public ActivityRoute(FanOut fanOut, Executor executor) {
        super(PATH, executor);
        this.fanOut = fanOut;
    }

    @Override
    protected Response get(Request request) {
        try {
            Range range = range(request.parameter("range").orElse(Range.HOUR.text()));
            Optional<Series> found = request.parameter("repository")
                    .map(name -> fanOut.activity(range, new RepositoryName(name)))
                    .orElseGet(() -> Optional.of(fanOut.activity(range)));
            return found.map(this::answer).orElse(RepositoriesRoute.UNKNOWN);
        } catch (InvalidInputException e) {
            return Response.error(400, "malformed_request").withDetail(String.valueOf(e.getMessage()));
        }
    }

    private static Range range(String text) {
        return Range.of(text)
                .orElseThrow(() -> new InvalidInputException(
                        "parameter 'range': '%s' is not 1h, 24h or 7d".formatted(Excerpt.of(text))));
    }

    private Response answer(Series series) {
        ObjectNode body = JsonNodeFactory.instance
                .objectNode()
                .put("range", series.range().text())
                .put("step_seconds", series.range().step().toSeconds())
                .put("counted_since", fanOut.start().toString())
                .put("end", series.end().toString());
        series.announcements().forEach(body.putArray("announcements")::add);
        ArrayNode slowest = body.putArray("slowest_ms");
        series.slowest().forEach(time -> slowest.add(StatusRoute.millis(time)));
        return Response.json(200, body.toString()).with("Cache-Control", "no-store");
    }
}
