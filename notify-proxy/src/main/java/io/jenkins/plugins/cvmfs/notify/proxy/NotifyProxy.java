package io.jenkins.plugins.cvmfs.notify.proxy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.proxy.access.AccessRules;
import io.jenkins.plugins.cvmfs.notify.proxy.admin.HealthRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.admin.MetricsRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.admin.RepositoriesRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.admin.StatusPageRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.admin.StatusRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LimitsConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.PageAccess;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Reloadable;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.http.BlockingRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.http.EndpointRequest;
import io.jenkins.plugins.cvmfs.notify.proxy.http.HttpServer;
import io.jenkins.plugins.cvmfs.notify.proxy.log.ActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.ActivityLogs;
import io.jenkins.plugins.cvmfs.notify.proxy.netty.EventLoops;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishService;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.SignatureVerifier;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running proxy, put together from its parts: publishers reach the admission through the front end, the admission appends to
 * the log, the log's tail feeds the fan-out, and the fan-out writes to the front end's subscribers.
 *
 * <p>Started once and closed once; several may run in one JVM. Not thread-safe, except that {@link #close()} may be called by a
 * shutdown hook at any time after {@link #start()} has returned.
 */
public final class NotifyProxy implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(NotifyProxy.class);

    /** How many wait to be parsed; of 128 KiB each at most. */
    private static final int MAX_LONG_MESSAGES = 64;

    private final MetricsRoute metrics;
    private final EventLoops loops;
    private final ExecutorService longMessages = threadForLongMessages();
    private final ActivityLog log;
    private final FanOut fanOut;
    private final SignatureVerifier signatures;
    private final HttpServer frontEnd;
    private final List<Reloadable> reloadables;
    private volatile AccessRules access;

    /**
     * Opens the log and listens nowhere yet.
     *
     * @param clock tells when a message was announced
     * @throws PermanentFailureException if the state folder cannot be used, or another proxy uses it
     * @throws InvalidInputException if the files of the certificate cannot be used; the message names the file
     */
    public NotifyProxy(ProxyConfig config, Clock clock) {
        LimitsConfig limits = config.limits();
        metrics = new MetricsRoute();
        loops = EventLoops.open();
        log = open(config, clock);
        MeterRegistry meters = metrics.registry();
        fanOut = new FanOut(
                limits.repositories(),
                limits.stalledTimeout(),
                limits.fairShare().maxBacklogBytes(),
                clock,
                meters);
        try {
            access = AccessRules.read(config.access());
            signatures = new SignatureVerifier(
                    config.access(),
                    limits.maxPendingPublishes(),
                    repository -> fanOut.lastValue(repository).map(Announcement::message),
                    clock,
                    meters);
        } catch (RuntimeException e) {
            log.close();
            closeRest();
            throw e;
        }
        logAccess();
        PublishService admission = new PublishService(
                log, fanOut, () -> access, signatures, PublishService.Limits.of(limits), longMessages, clock, meters);
        List<BlockingRoute> endpoints =
                new ArrayList<>(List.of(new HealthRoute(log, admission), metrics, new RepositoriesRoute(fanOut)));
        if (config.operator().pageAccess() != PageAccess.NOBODY) {
            endpoints.add(new StatusRoute(log, admission, fanOut, clock, meters, mayLook(config.operator())));
            endpoints.add(new StatusPageRoute());
        }
        try {
            frontEnd = new HttpServer(config, admission, fanOut, endpoints, meters, loops);
        } catch (RuntimeException e) {
            signatures.close();
            log.close();
            closeRest();
            throw e;
        }
        reloadables = List.of(this::prepareAccess, signatures, frontEnd);
        metrics.watch(log);
        metrics.watch(fanOut);
    }

    /** Long messages are rare, and take so long to parse that no event loop may do it. Ends when it has nothing to do. */
    private static ExecutorService threadForLongMessages() {
        ThreadPoolExecutor thread = new ThreadPoolExecutor(
                1, 1, 30, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MAX_LONG_MESSAGES), task -> {
                    Thread made = new Thread(task, "cvmfs-notify-long-messages");
                    made.setDaemon(true);
                    return made;
                });
        thread.allowCoreThreadTimeOut(true);
        return thread;
    }

    private Predicate<EndpointRequest> mayLook(OperatorConfig operator) {
        return operator.pageAccess() == PageAccess.TOKEN
                ? request -> request.header("Authorization")
                        .filter(value -> access.knows(value))
                        .isPresent()
                : request -> true;
    }

    private ActivityLog open(ProxyConfig config, Clock clock) {
        try {
            return ActivityLogs.open(config, clock, metrics.registry());
        } catch (RuntimeException e) {
            closeRest();
            throw e;
        }
    }

    private Runnable prepareAccess(ProxyConfig next) {
        AccessRules rules = AccessRules.read(next.access());
        return () -> {
            access = rules;
            logAccess();
        };
    }

    private void logAccess() {
        LOG.atInfo().addKeyValue("rights", access.summary()).log("access rules in effect");
    }

    /** What no other part closes. */
    private void closeRest() {
        longMessages.shutdown();
        loops.close();
        metrics.close();
    }

    /**
     * Starts the log, which may still be looking for its broker when this returns, then listens. Returns once connections are
     * accepted.
     *
     * @throws IOException if the address cannot be bound; the message names address, port and reason. The proxy is then closed
     */
    public void start() throws IOException {
        start(frontEnd::start);
    }

    /**
     * The same, but listens on a socket that was opened before this process was started.
     *
     * @param socket the number of its file in this process
     * @throws IOException if it cannot be used. The proxy is then closed
     */
    public void startOn(int socket) throws IOException {
        start(() -> frontEnd.startOn(socket));
    }

    private void start(Listening listening) throws IOException {
        try {
            log.start(fanOut);
            listening.begin();
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    @FunctionalInterface
    private interface Listening {
        void begin() throws IOException;
    }

    /** Where it listens, with the real port. Only after {@link #start()}. */
    public InetSocketAddress address() {
        return frontEnd.address();
    }

    /** Begins a check of life; what it returns completes once every thread that serves connections has come to it. */
    public CompletionStage<Void> pulse() {
        return loops.pulse();
    }

    /**
     * Takes over from a new configuration what can change while the proxy runs, and reads again the files that it names. Blocks
     * on files; any thread may call it, one at a time.
     *
     * @throws io.jenkins.plugins.cvmfs.notify.client.InvalidInputException if anything of it cannot be used: then nothing has changed
     */
    public synchronized void reload(ProxyConfig next) {
        List<Runnable> changes =
                reloadables.stream().map(part -> part.prepare(next)).toList();
        changes.forEach(Runnable::run);
    }

    /**
     * Refuses new work, lets publishes under way finish, sends subscribers away, then closes the log. Blocks for little more than
     * the configured drain time. Closing twice is fine.
     */
    @Override
    public void close() {
        frontEnd.close();
        signatures.close();
        log.close();
        closeRest();
    }
}
