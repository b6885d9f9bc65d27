package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.proxy.config.LimitsConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.ByteBudget;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Serves a {@link StatusStream}: once, as any endpoint, or as an event stream to whoever wants to watch it. */
final class StatusStreamRoute implements Route {

    private static final Duration PACE = Duration.ofMillis(500);
    private static final Response TOO_MANY = Response.error(HttpResponseStatus.SERVICE_UNAVAILABLE, "too_many_watchers")
            .with("Retry-After", "5");

    private final BlockingRouteAdapter once;
    private final Watchers watchers;

    /**
     * @param executor one bounded thread, which may reject
     * @param answers memory for what has not been read yet
     */
    StatusStreamRoute(StatusStream feed, Executor executor, LimitsConfig limits, ByteBudget answers) {
        this.once = new BlockingRouteAdapter(feed, executor);
        this.watchers = new Watchers(feed, executor, limits, answers);
    }

    /** How many watch. */
    int watchers() {
        return watchers.count();
    }

    /** Looks for changes while somebody watches, until the scheduler shuts down. */
    void start(ScheduledExecutorService scheduler) {
        var unused =
                scheduler.scheduleWithFixedDelay(this::look, PACE.toMillis(), PACE.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Tells those who watch what has changed since the last look. */
    void look() {
        watchers.look();
    }

    @Override
    public boolean serves(String path) {
        return once.serves(path);
    }

    @Override
    public Methods methods() {
        return Methods.READ;
    }

    @Override
    public int maxBodyBytes() {
        return once.maxBodyBytes();
    }

    @Override
    public String name() {
        return once.name();
    }

    @Override
    public void handle(Request request, Exchange exchange) {
        if (request.head().isHead() || !wantsEvents(request.head())) {
            once.handle(request, exchange);
        } else {
            once.handle(request, new Watch(request.head(), exchange, watchers));
        }
    }

    /** The exchange of somebody who wants to watch: what would be answered with success begins an event stream instead. */
    private record Watch(RequestHead head, Exchange exchange, Watchers watchers) implements Exchange {
        @Override
        public void answer(Response answer) {
            if (answer.isError()) {
                exchange.answer(answer);
            } else if (watchers.areFull()) {
                exchange.answer(TOO_MANY);
            } else {
                exchange.handOver(channel -> StatusStreamConnection.open(channel, head, watchers));
            }
        }

        @Override
        public void handOver(Successor successor) {
            exchange.handOver(successor);
        }
    }

    private static boolean wantsEvents(RequestHead head) {
        return head.headers().containsValue(HttpHeaderNames.ACCEPT, "text/event-stream", true);
    }
}
