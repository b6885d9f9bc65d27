package io.jenkins.plugins.cvmfs.notify.proxy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.transport.DaemonThreads;
import io.jenkins.plugins.cvmfs.notify.client.transport.LazyNetwork;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.proxy.access.AccessRules;
import io.jenkins.plugins.cvmfs.notify.proxy.access.IdentityTokens;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Refusals;
import io.jenkins.plugins.cvmfs.notify.proxy.access.RefusalsRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.access.RightsRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.admin.ActivityRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.admin.BadgeRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.admin.GuardedRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.admin.HealthRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.admin.HeldRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.admin.MetricsRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.admin.PeersRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.admin.RepositoriesRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.admin.StatusPageRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.admin.StatusRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.admin.WebhooksRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LimitsConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.PageAccess;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Reloadable;
import io.jenkins.plugins.cvmfs.notify.proxy.config.UpstreamConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Redelivery;
import io.jenkins.plugins.cvmfs.notify.proxy.hold.Hold;
import io.jenkins.plugins.cvmfs.notify.proxy.http.BlockingRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.http.HttpServer;
import io.jenkins.plugins.cvmfs.notify.proxy.http.HttpServer.DrainStep;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Request;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Route;
import io.jenkins.plugins.cvmfs.notify.proxy.log.ActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.JournalLog;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.RabbitLog;
import io.jenkins.plugins.cvmfs.notify.proxy.log.upstream.UpstreamLog;
import io.jenkins.plugins.cvmfs.notify.proxy.netty.EventLoops;
import io.jenkins.plugins.cvmfs.notify.proxy.poll.PollSource;
import io.jenkins.plugins.cvmfs.notify.proxy.poll.RefreshRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.ForgetRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishService;
import io.jenkins.plugins.cvmfs.notify.proxy.subscribe.SubscribeRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.SignatureVerifier;
import io.jenkins.plugins.cvmfs.notify.proxy.watch.ReplicaBoard;
import io.jenkins.plugins.cvmfs.notify.proxy.watch.ReplicaNetwork;
import io.jenkins.plugins.cvmfs.notify.proxy.webhook.Readability;
import io.jenkins.plugins.cvmfs.notify.proxy.webhook.Webhooks;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running proxy, composed of its parts: the HTTP server passes publishes to the publish service, which appends them to the log; the log
 * delivers to the fan-out, which writes to the subscribers.
 *
 * <p>Started once and closed once; several may run in one JVM. Not thread-safe, except that {@link #close()} may be called by a
 * shutdown hook at any time after {@link #start()} has returned.
 */
public final class NotifyProxy implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(NotifyProxy.class);

    /** Long messages that may wait to be parsed, each of at most 128 KiB. */
    private static final int MAX_LONG_MESSAGES = 64;

    /** Parts to close, the newest first. */
    private final Deque<Runnable> closers = new ArrayDeque<>();

    private final EventLoops loops;
    private final ActivityLog log;
    private final FanOut fanOut;
    private final Hold hold;
    private final ReplicaBoard board;
    private final IdentityTokens identityTokens;
    private final SignatureVerifier signatures;
    private final PollSource polls;
    private final Webhooks webhooks;
    private final HttpServer server;
    private final List<Reloadable> reloadables;
    private volatile AccessRules access;

    /** Changed by reloads, one at a time; always of the same server. */
    private Optional<UpstreamConfig> upstream;

    /**
     * Opens the log and listens nowhere yet.
     *
     * @param clock gives the time of announcements
     * @throws PermanentFailureException if the state folder cannot be used, or another proxy uses it
     * @throws InvalidInputException if the files of the certificate cannot be used; the message names the file
     */
    public NotifyProxy(ProxyConfig config, Clock clock) {
        LimitsConfig limits = config.limits();
        upstream = config.upstream();
        ExecutorService blocking = BlockingRoute.newThread();
        MetricsRoute metrics = new MetricsRoute(blocking);
        closers.push(metrics::close);
        MeterRegistry meters = metrics.registry();
        loops = EventLoops.open();
        closers.push(loops::close);
        ExecutorService longMessages = threadForLongMessages();
        closers.push(longMessages::shutdown);
        try {
            Optional<UpstreamLog> relayed = upstream.map(above -> UpstreamLog.open(config, above, clock, meters));
            log = relayed.<ActivityLog>map(relay -> relay).orElseGet(() -> ownLog(config, clock, meters));
            closers.push(log::close);
            fanOut = new FanOut(
                    limits.repositories(),
                    limits.stalledTimeout(),
                    limits.fairShare().maxBacklogBytes(),
                    new Redelivery(config.delivery(), loops.group(), limits.maxConnections(), meters),
                    clock,
                    meters);
            ReplicaNetwork replicas = new ReplicaNetwork();
            closers.push(replicas::close);
            board = new ReplicaBoard(config, replicas, fanOut::lastValues, clock, meters);
            closers.push(board::close);
            hold = new Hold(config.delivery(), fanOut, config.stateDir(), replicas, clock, meters);
            closers.push(hold::close);
            Readability readability = new Readability(config, board::replicasOf, fanOut::lastValue);
            webhooks = new Webhooks(config, log, this::newestValues, readability, clock, meters);
            closers.push(webhooks::close);
            board.onRead(webhooks::changed);
            hold.onRelease(webhooks::changed);
            identityTokens = new IdentityTokens(config.access(), clock, meters);
            closers.push(identityTokens::close);
            access = AccessRules.read(config, identityTokens);
            LazyNetwork stratum0 = SignatureVerifier.network(config.access().trust());
            closers.push(stratum0::close);
            signatures = new SignatureVerifier(
                    config.access(),
                    stratum0,
                    limits.maxPendingPublishes(),
                    repository -> fanOut.newestValue(repository).map(Announcement::message),
                    clock,
                    meters);
            closers.push(signatures::close);
            Refusals refusals = new Refusals(clock);
            PublishService publishing = new PublishService(
                    log,
                    fanOut,
                    () -> access,
                    signatures,
                    PublishService.Limits.of(limits),
                    longMessages,
                    refusals,
                    clock,
                    meters);
            polls = new PollSource(
                    config.access(),
                    (location, previous) -> stratum0.get().repositoryReader().manifest(location, previous),
                    log,
                    fanOut,
                    publishing,
                    clock,
                    meters);
            closers.push(polls::close);
            List<Route> routes = new ArrayList<>(List.of(
                    new PublishRoute(publishing, limits.maxMessageBytes()),
                    new SubscribeRoute(fanOut, log, () -> access, refusals, limits, meters),
                    new ForgetRoute(publishing),
                    new RefreshRoute(polls, () -> access, limits.maxMessageBytes()),
                    new RightsRoute(() -> access),
                    new RefusalsRoute(refusals, () -> access),
                    new HealthRoute(log, publishing),
                    metrics));
            PageAccess pageAccess = config.operator().pageAccess();
            Predicate<Request> maySee = request -> pageAccess == PageAccess.EVERYONE || hasCredentials(request);
            routes.add(new RepositoriesRoute(fanOut, board, clock, maySee, blocking));
            if (pageAccess != PageAccess.NOBODY) {
                Stream.of(
                                new StatusRoute(log, publishing, fanOut, hold, board, clock, meters, blocking),
                                new HeldRoute(hold, blocking),
                                new ActivityRoute(fanOut, blocking),
                                new PeersRoute(config.operator().peers(), replicas::reader),
                                new WebhooksRoute(webhooks::describe, blocking))
                        .map(route -> new GuardedRoute(route, maySee))
                        .forEach(routes::add);
                routes.add(new StatusPageRoute());
            }
            BadgeRoute badges = new BadgeRoute(fanOut, clock);
            if (config.operator().badges()) {
                routes.add(badges);
            } else if (pageAccess != PageAccess.NOBODY) {
                routes.add(new GuardedRoute(badges, maySee));
            }
            closers.push(blocking::shutdownNow);
            server = new HttpServer(
                    config,
                    routes,
                    List.of(
                            new DrainStep(publishing::drain, "publishes are still unconfirmed"),
                            new DrainStep(fanOut::settled, "announcements are still unsent")),
                    meters,
                    loops);
            closers.push(server::close);
            reloadables = Stream.concat(
                            Stream.<Reloadable>of(
                                    identityTokens,
                                    this::prepareAccess,
                                    signatures,
                                    hold,
                                    board,
                                    polls,
                                    webhooks,
                                    server),
                            relayed.stream())
                    .toList();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        metrics.watch(log);
        metrics.watch(fanOut);
        logAccess();
    }

    private static ActivityLog ownLog(ProxyConfig config, Clock clock, MeterRegistry meters) {
        return config.standalone() ? JournalLog.open(config, clock, meters) : new RabbitLog(config, clock, meters);
    }

    /** Long messages are rare, and take too long to parse for an event loop. The thread ends when it is idle. */
    private static ExecutorService threadForLongMessages() {
        return DaemonThreads.pool(1, MAX_LONG_MESSAGES, DaemonThreads.named("cvmfs-notify-long-messages"));
    }

    private List<Announcement> newestValues() {
        return fanOut.lastValues().stream()
                .map(told -> fanOut.newestValue(told.message().repository()).orElse(told))
                .toList();
    }

    private boolean hasCredentials(Request request) {
        return request.header("Authorization")
                .filter(value -> access.knows(value))
                .isPresent();
    }

    private Runnable prepareAccess(ProxyConfig next) {
        AccessRules rules = AccessRules.read(next, identityTokens);
        return () -> {
            access = rules;
            logAccess();
        };
    }

    private void logAccess() {
        LOG.atInfo().addKeyValue("rights", access.summary()).log("access rules in effect");
    }

    /**
     * Starts the log, which may still be connecting to its broker when this returns, then listens. Returns once connections are
     * accepted.
     *
     * @throws IOException if the address cannot be bound; the message names address, port and reason. The proxy is then closed
     */
    public void start() throws IOException {
        start(OptionalInt.empty());
    }

    /**
     * Starts as {@link #start()}, on a socket that listens already.
     *
     * @param socket the number of its file descriptor in this process; empty to listen on the configured address
     * @throws IOException if it cannot be used. The proxy is then closed
     */
    public void start(OptionalInt socket) throws IOException {
        try {
            log.start(hold.andThen(board).andThen(webhooks));
            polls.start();
            webhooks.start();
            if (socket.isPresent()) {
                server.startOn(socket.getAsInt());
            } else {
                server.start();
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Returns the address it listens on, with the real port. Only after {@link #start()}. */
    public InetSocketAddress address() {
        return server.address();
    }

    /** Returns the kind of log it keeps announcements in: {@code stream}, {@code queue} or {@code journal}. */
    public String logKind() {
        return log.state().kind();
    }

    /** Checks that it is alive: the future completes once every event loop has run a task. */
    public CompletionStage<Void> pulse() {
        return loops.pulse();
    }

    /**
     * Takes over what can change while the proxy runs, and reads the files again that the configuration names. Blocks on files; any
     * thread may call it, one at a time. Another {@code upstream.url} takes effect at a restart, and until then nothing else of that
     * upstream does: neither is its token sent to the present one, nor may its publishers publish here.
     *
     * @throws InvalidInputException if any part of it cannot be used: then nothing has changed
     */
    public synchronized void reload(ProxyConfig next) {
        boolean isSameServer = server(next.upstream()).equals(server(upstream));
        ProxyConfig usable = isSameServer ? next : next.withUpstream(upstream);
        List<Runnable> changes =
                reloadables.stream().map(part -> part.prepare(usable)).toList();
        changes.forEach(Runnable::run);
        upstream = usable.upstream();
    }

    private static Optional<NotificationServer> server(Optional<UpstreamConfig> upstream) {
        return upstream.map(UpstreamConfig::server);
    }

    /**
     * Refuses new work, finishes pending publishes, disconnects subscribers, then closes the log. Blocks for little more than the
     * configured drain timeout. Closing twice is fine.
     */
    @Override
    public void close() {
        closers.forEach(Runnable::run);
    }
}
