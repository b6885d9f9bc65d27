package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.access.AccessRules;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.AnonymousPublish;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.HttpConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LimitsConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.ByteBudget;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Activities;
import io.jenkins.plugins.cvmfs.notify.proxy.netty.EventLoops;
import io.jenkins.plugins.cvmfs.notify.proxy.netty.SocketTransport;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.Accesses;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.InMemoryActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishService;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.SignatureVerifier;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.event.Level;

/** Everything behind the front end, with a log in memory, and one endpoint, {@code /hello}. */
final class TestProxy {

    /** For all tests of this JVM, and never closed: a front end is not their owner. */
    static final EventLoops LOOPS = EventLoops.open();

    private static final EventLoops SELECTORS = EventLoops.open(SocketTransport.NIO);

    final LimitsConfig limits;
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final InMemoryActivityLog log = new InMemoryActivityLog();
    final FanOut fanOut;
    final ByteBudget bodies;
    final ByteBudget answers;
    final PublishService admission;
    final HttpMetrics metrics = new HttpMetrics(meters);
    final BlockingRoute hello = new HelloEndpoint();
    final TestFeed feed = new TestFeed();
    final StatusStreamRoute watched;

    /** Everyone may do everything. */
    TestProxy(LimitsConfig limits) {
        this(limits, AccessConfig.defaults().withAnonymousPublish(AnonymousPublish.EVERYONE));
    }

    TestProxy(LimitsConfig limits, AccessConfig access) {
        this.limits = limits;
        this.fanOut = new FanOut(
                limits.repositories(),
                limits.stalledTimeout(),
                limits.fairShare().maxBacklogBytes(),
                Clock.systemUTC(),
                meters);
        this.bodies = new ByteBudget(limits.fairShare().maxPendingBytes());
        this.answers = new ByteBudget(limits.fairShare().maxPendingBytes());
        metrics.watchAnswers(answers);
        AccessRules rules = AccessRules.read(access);
        this.admission = new PublishService(
                log,
                fanOut,
                () -> rules,
                new SignatureVerifier(
                        access,
                        limits.maxPendingPublishes(),
                        repository -> Optional.empty(),
                        Clock.systemUTC(),
                        meters),
                PublishService.Limits.of(limits),
                Runnable::run,
                Clock.systemUTC(),
                meters);
        this.watched = new StatusStreamRoute(feed, Runnable::run, limits, answers);
        log.start(fanOut);
    }

    HttpServer frontEnd() {
        return frontEnd(SocketTransport.best());
    }

    HttpServer frontEnd(SocketTransport transport) {
        return frontEnd(HttpConfig.defaults(), transport);
    }

    HttpServer frontEnd(HttpConfig http, SocketTransport transport) {
        EventLoops loops = transport == SocketTransport.NIO ? SELECTORS : LOOPS;
        return new HttpServer(config("localhost", 0, http, limits), admission, fanOut, List.of(hello), meters, loops);
    }

    static ProxyConfig config(String bind, int port, HttpConfig http, LimitsConfig limits) {
        return new ProxyConfig(
                bind,
                port,
                Level.INFO,
                true,
                null,
                http,
                AmqpConfig.defaults(),
                limits,
                OperatorConfig.defaults(),
                AccessConfig.defaults());
    }

    /** The routes of a front end whose endpoints answer on the calling thread. */
    Router routes() {
        return new Router(List.of(
                new PublishRoute(admission, limits.maxMessageBytes()),
                new SubscribeRoute(new Subscriptions(fanOut, admission, limits, metrics, new SubscribeMessageCache())),
                new ForgetResource(admission),
                new BlockingRouteAdapter(hello, Runnable::run),
                watched));
    }

    HttpService service(HttpConfig http) {
        return new HttpService(
                routes(),
                new HostNames(http, Set.of(), new Peers(http.trustedProxies()), metrics),
                new OriginPolicy(http.allowedOrigins(), metrics),
                new Peers(http.trustedProxies()),
                limits,
                bodies,
                answers,
                metrics);
    }

    /** Publishes past the front end. */
    void publish(String repository, long revision) {
        admission.submit(message(repository, revision), Accesses.stranger()).join();
    }

    static byte[] message(String repository, long revision) {
        return Activities.message(repository, revision).raw();
    }

    int subscribers(String repository) {
        return fanOut.subscribers(new RepositoryName(repository));
    }

    /** Connections of all kinds that are subscribers now. */
    int subscribers() {
        return (int) meters.find("cvmfs_notify_subscribers").gauges().stream()
                .mapToDouble(Gauge::value)
                .sum();
    }

    double count(String name, String... tags) {
        var counter = meters.find(name).tags(tags).counter();
        return counter == null ? 0 : counter.count();
    }

    double gauge(String name, String... tags) {
        return meters.get(name).tags(tags).gauge().value();
    }

    private static final class HelloEndpoint implements BlockingRoute {
        @Override
        public boolean serves(String path) {
            return path.equals("/hello") || path.equals("/broken");
        }

        @Override
        public EndpointReply get(EndpointRequest request) {
            if (request.path().equals("/broken")) {
                throw new IllegalStateException("broken on purpose");
            }
            if (request.header("if-none-match").isPresent()) {
                return new EndpointReply(304, Map.of("ETag", "\"h\""), "", "");
            }
            return new EndpointReply(200, "text/plain", "grüezi\n");
        }
    }
}
