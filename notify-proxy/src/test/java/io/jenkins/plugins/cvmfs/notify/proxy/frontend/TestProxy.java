package io.jenkins.plugins.cvmfs.notify.proxy.frontend;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.admission.Access;
import io.jenkins.plugins.cvmfs.notify.proxy.admission.Accesses;
import io.jenkins.plugins.cvmfs.notify.proxy.admission.Admission;
import io.jenkins.plugins.cvmfs.notify.proxy.admission.InMemoryActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.admission.RateLimit;
import io.jenkins.plugins.cvmfs.notify.proxy.broker.Activities;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.AnonymousPublish;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.HttpConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LimitsConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.ByteBudget;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.sockets.EventLoops;
import io.jenkins.plugins.cvmfs.notify.proxy.sockets.SocketTransport;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.util.List;
import java.util.Map;
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
    final Admission admission;
    final FrontEndMetrics metrics = new FrontEndMetrics(meters);
    final Endpoint hello = new HelloEndpoint();
    final TestFeed feed = new TestFeed();
    final FeedResource watched;

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
        this.admission = new Admission(
                log,
                fanOut,
                Access.open(access, fanOut, Clock.systemUTC(), meters),
                limits.maxPendingPublishes(),
                new RateLimit<>(limits.fairShare().publishesPerRepository()),
                Runnable::run,
                meters);
        this.watched = new FeedResource(feed, Runnable::run, limits, answers);
        log.start(fanOut);
    }

    FrontEnd frontEnd() {
        return frontEnd(SocketTransport.best());
    }

    FrontEnd frontEnd(SocketTransport transport) {
        return frontEnd(HttpConfig.defaults(), transport);
    }

    FrontEnd frontEnd(HttpConfig http, SocketTransport transport) {
        EventLoops loops = transport == SocketTransport.NIO ? SELECTORS : LOOPS;
        return new FrontEnd(config("localhost", 0, http, limits), admission, fanOut, List.of(hello), meters, loops);
    }

    static ProxyConfig config(String bind, int port, HttpConfig http, LimitsConfig limits) {
        return new ProxyConfig(
                bind, port, Level.INFO, true, null, http, AmqpConfig.defaults(), limits, OperatorConfig.defaults());
    }

    /** The routes of a front end whose endpoints answer on the calling thread. */
    Routes routes() {
        return new Routes(List.of(
                new PublishResource(
                        admission,
                        new RateLimit<>(limits.fairShare().publishesPerPublisher()),
                        limits.maxMessageBytes()),
                new SubscribeResource(new Subscriptions(fanOut, admission, limits, metrics, new SubscriptionReader())),
                new ForgetResource(admission),
                new EndpointResource(hello, Runnable::run),
                watched));
    }

    HttpService service(HttpConfig http) {
        return new HttpService(
                routes(),
                new HostNames(http, Set.of(), new Peers(http.trustedProxies()), metrics),
                new Origins(http.allowedOrigins(), metrics),
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

    private static final class HelloEndpoint implements Endpoint {
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
