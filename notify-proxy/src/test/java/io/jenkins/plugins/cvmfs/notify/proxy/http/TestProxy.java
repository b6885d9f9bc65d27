package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.access.AccessRules;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Refusals;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.AnonymousPublish;
import io.jenkins.plugins.cvmfs.notify.proxy.config.HttpConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LimitsConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Redeliveries;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Redelivery;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Activities;
import io.jenkins.plugins.cvmfs.notify.proxy.netty.ByteBudget;
import io.jenkins.plugins.cvmfs.notify.proxy.netty.EventLoops;
import io.jenkins.plugins.cvmfs.notify.proxy.netty.SocketTransport;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.Accesses;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.ForgetRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.InMemoryActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishService;
import io.jenkins.plugins.cvmfs.notify.proxy.subscribe.SubscribeRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.SignatureVerifier;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.event.Level;

/** Everything behind the HTTP server, with a log in memory, and some routes to read, {@code /hello} first. */
public final class TestProxy {

    /** For all tests of this JVM, and never closed: a server is not their owner. */
    public static final EventLoops LOOPS = EventLoops.open();

    /** Logs what an HTTP connection caught. */
    public static final Class<?> CONNECTION = HttpConnection.class;

    private static final EventLoops SELECTORS = EventLoops.open(SocketTransport.NIO);

    public final LimitsConfig limits;
    public final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    public final InMemoryActivityLog log = new InMemoryActivityLog();
    public final FanOut fanOut;
    public final PublishService publishService;
    public final HelloRoute hello = new HelloRoute();
    final ByteBudget bodies;
    final ByteBudget responses;
    private final HttpMetrics metrics = new HttpMetrics(meters);
    private final List<Route> routes;

    /** Everyone may do everything. */
    public TestProxy(LimitsConfig limits) {
        this(limits, TestConfigs.access(AnonymousPublish.EVERYONE));
    }

    public TestProxy(LimitsConfig limits, AccessConfig access) {
        this(limits, access, Redeliveries.off(), Clock.systemUTC());
    }

    public TestProxy(LimitsConfig limits, AccessConfig access, Redelivery redelivery, Clock clock) {
        this.limits = limits;
        this.fanOut = new FanOut(
                limits.repositories(),
                limits.stalledTimeout(),
                limits.fairShare().maxBacklogBytes(),
                redelivery,
                clock,
                meters);
        this.bodies = new ByteBudget(limits.fairShare().maxPendingBytes());
        this.responses = new ByteBudget(limits.fairShare().maxPendingBytes());
        AccessRules rules = AccessRules.of(access, Optional.empty());
        Refusals refusals = new Refusals(Clock.systemUTC());
        this.publishService = new PublishService(
                log,
                fanOut,
                () -> rules,
                new SignatureVerifier(
                        access,
                        SignatureVerifier.network(access.trust()),
                        limits.maxPendingPublishes(),
                        repository -> Optional.empty(),
                        Clock.systemUTC(),
                        meters),
                PublishService.Limits.of(limits),
                Runnable::run,
                refusals,
                Clock.systemUTC(),
                meters);
        this.routes = List.of(
                new PublishRoute(publishService, limits.maxMessageBytes()),
                new SubscribeRoute(fanOut, log, () -> rules, refusals, limits, meters),
                new ForgetRoute(publishService),
                hello);
        log.start(fanOut);
    }

    public HttpServer httpServer() {
        return httpServer(SocketTransport.best());
    }

    public HttpServer httpServer(SocketTransport transport) {
        return httpServer(TestConfigs.http(), transport);
    }

    public HttpServer httpServer(HttpConfig http, SocketTransport transport) {
        EventLoops loops = transport == SocketTransport.NIO ? SELECTORS : LOOPS;
        return server(config("localhost", 0, http, limits), loops);
    }

    /** @param more asked after the usual ones */
    HttpServer server(ProxyConfig config, EventLoops loops, Route... more) {
        return new HttpServer(
                config,
                Stream.concat(routes.stream(), Stream.of(more)).toList(),
                List.of(
                        new HttpServer.DrainStep(publishService::drain, "publishes are still unconfirmed"),
                        new HttpServer.DrainStep(fanOut::settled, "announcements are still unsent")),
                meters,
                loops);
    }

    public static ProxyConfig config(String bind, int port, HttpConfig http, LimitsConfig limits) {
        return new ProxyConfig(
                bind,
                port,
                Level.INFO,
                true,
                Optional.empty(),
                http,
                TestConfigs.amqp(),
                Optional.empty(),
                limits,
                TestConfigs.delivery(),
                TestConfigs.operator(),
                TestConfigs.access());
    }

    HttpConnection.Service service(HttpConfig http) {
        metrics.watch(bodies, responses);
        Peers peers = new Peers(http.trustedProxies());
        return new HttpConnection.Service(
                new Router(routes),
                new HostNames(http, Set.of(), peers, metrics),
                new OriginPolicy(http.allowedOrigins(), metrics),
                peers,
                limits,
                bodies,
                responses,
                metrics);
    }

    /** Publishes past the server. */
    public void publish(String repository, long revision) {
        publishService
                .submit(message(repository, revision), Accesses.stranger(), List.of())
                .join();
    }

    public static byte[] message(String repository, long revision) {
        return Activities.message(repository, revision).raw();
    }

    public int subscribers(String repository) {
        return fanOut.subscribers(new RepositoryName(repository));
    }

    /** Connections of all kinds that are subscribers now. */
    public int subscribers() {
        return (int) meters.find("cvmfs_notify_subscribers").gauges().stream()
                .mapToDouble(Gauge::value)
                .sum();
    }

    public double count(String name, String... tags) {
        var counter = meters.find(name).tags(tags).counter();
        return counter == null ? 0 : counter.count();
    }

    public double gauge(String name, String... tags) {
        return meters.get(name).tags(tags).gauge().value();
    }

    /** Answers on the calling thread. */
    public static final class HelloRoute extends BlockingRoute {

        private String longText = "";

        HelloRoute() {
            super("/hello", Runnable::run);
        }

        /** Gives {@code /long} its text. */
        void longText(String text) {
            longText = text;
        }

        @Override
        public boolean serves(String path) {
            return super.serves(path) || path.equals("/broken") || path.equals("/long");
        }

        @Override
        protected Response get(Request request) {
            if (request.path().equals("/broken")) {
                throw new IllegalStateException("broken on purpose");
            }
            if (request.path().equals("/long")) {
                return new Response(200, "text/plain", longText);
            }
            if (request.header("if-none-match").isPresent()) {
                return Response.empty(304).with("ETag", "\"h\"");
            }
            return new Response(200, "text/plain", "grüezi\n");
        }
    }
}
