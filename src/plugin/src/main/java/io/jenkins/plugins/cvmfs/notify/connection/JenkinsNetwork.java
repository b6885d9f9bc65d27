package io.jenkins.plugins.cvmfs.notify.connection;

import hudson.Extension;
import hudson.ExtensionList;
import hudson.PluginManager;
import hudson.PluginWrapper;
import hudson.ProxyConfiguration;
import hudson.model.Run;
import hudson.model.listeners.ItemListener;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.DaemonThreads;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationPublisher;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationPublisher.Receipt;
import io.jenkins.plugins.cvmfs.notify.client.transport.PublisherSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.TokenSource;
import io.jenkins.plugins.cvmfs.notify.client.waiting.ProgressListener;
import io.jenkins.plugins.cvmfs.notify.client.waiting.Wait;
import io.jenkins.plugins.cvmfs.notify.client.waiting.WaitService;
import io.jenkins.plugins.cvmfs.notify.client.waiting.WaitSettings;
import java.net.http.HttpClient;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import jenkins.model.Jenkins;
import org.jspecify.annotations.Nullable;

/**
 * All connections of this Jenkins to notification servers and repositories, shared by all builds. They are opened when a step
 * first needs them and closed when Jenkins shuts down. After a change of Jenkins' HTTP proxy new steps use the new one; steps
 * that use the network already keep the old one until they end.
 *
 * <p>Thread-safe. No method blocks, except for looking up credentials and {@link #await}.
 */
@Extension
public final class JenkinsNetwork extends ItemListener {

    private static final int THREADS = 8;
    /** Jenkins resumes all steps at once after a restart; a step for which there is no room fails. */
    private static final int MAX_QUEUED = 100_000;

    private final ThreadPoolExecutor waitThreads = threads("wait");
    private final ThreadPoolExecutor publishThreads = threads("publish");
    private final ThreadPoolExecutor triggerThreads = threads("trigger");
    private final ThreadPoolExecutor agentThreads = threads("agent");
    private final Observations observations = new Observations(Clock.systemUTC());
    private final JenkinsAgents agents = new JenkinsAgents();
    /** The last one has Jenkins' present HTTP proxy; the others are there for the steps that still use them. */
    private final List<OpenNetwork> networks = new ArrayList<>();

    private boolean closed;

    /** The only instance, which Jenkins makes. */
    public static JenkinsNetwork get() {
        return ExtensionList.lookupSingleton(JenkinsNetwork.class);
    }

    /** Where waits start and end. Rejects tasks if too many are queued, and when Jenkins shuts down. */
    public Executor waitThreads() {
        return waitThreads;
    }

    /** Where announcements are prepared. Separate, so that an agent or a stratum 0 that hangs does not delay the waits. */
    public Executor publishThreads() {
        return publishThreads;
    }

    /** Where triggers look at repositories and start builds. */
    public Executor triggerThreads() {
        return triggerThreads;
    }

    /** Where commands on agents are followed. Separate, so that an agent that hangs delays nothing else. */
    public Executor agentThreads() {
        return agentThreads;
    }

    /** Returns true once Jenkins shuts down: a step that fails from then on is resumed after the restart instead. */
    public synchronized boolean isClosed() {
        return closed;
    }

    /**
     * Returns which plugin was disabled or removed so that this one is gone after the next restart, in words: this one, or one that it
     * needs. Empty if it stays.
     */
    public static Optional<String> leavingPlugin() {
        Jenkins jenkins = Jenkins.getInstanceOrNull();
        if (jenkins == null) {
            return Optional.empty();
        }
        PluginManager plugins = jenkins.getPluginManager();
        PluginWrapper own = plugins.whichPlugin(JenkinsNetwork.class);
        Set<PluginWrapper> needed = new LinkedHashSet<>();
        Deque<PluginWrapper> toVisit = new ArrayDeque<>(Stream.ofNullable(own).toList());
        while (!toVisit.isEmpty()) {
            PluginWrapper plugin = toVisit.remove();
            if (needed.add(plugin)) {
                plugin.getMandatoryDependencies().stream()
                        .flatMap(dependency -> Stream.ofNullable(plugins.getPlugin(dependency.shortName)))
                        .forEach(toVisit::add);
            }
        }
        return needed.stream()
                .filter(plugin -> plugin.isDeleted() || !plugin.isEnabled())
                .findFirst()
                .map(plugin -> plugin == own
                        ? "the plugin " + plugin.getShortName()
                        : "the plugin %s, which %s needs,".formatted(plugin.getShortName(), own.getShortName()));
    }

    /** Returns the troubles with servers and replicas that the waits and announcements of this Jenkins meet. */
    public Observations observations() {
        return observations;
    }

    /** Begins to use the network, which opens when it is first needed. */
    public Use use() {
        return new Use();
    }

    /**
     * Starts or resumes a wait. All builds that wait for one server share one connection to it. The wait keeps the network open
     * until it ends.
     *
     * @param server the server to subscribe to; empty to only poll the replicas
     * @param build whose use of the credentials is recorded; null outside of builds
     * @param asked the agents to wait for, which may come and go, and are asked without an executor and without a thread; the condition
     *     has a group then. Null to wait for replicas
     * @throws NotifyException if there is no token for the server, or too many builds wait already
     */
    public Wait waitFor(
            Optional<ServerSettings> server,
            @Nullable Run<?, ?> build,
            @Nullable AgentSelection asked,
            GateSnapshot known,
            ProgressListener listener) {
        try (Use use = use()) {
            OpenNetwork network = use.network();
            SubscriberSettings subscription = server.flatMap(
                            settings -> settings.subscription(network.token(settings, build)))
                    .orElse(null);
            Observations.Observed observed = observations.observe(server, listener);
            Wait wait = observed.begin(network.waits.resume(known, subscription, observed));
            if (asked != null) {
                agents.follow(asked, build, known, wait);
            }
            return wait;
        }
    }

    /** Looks at the agents again soon: one has come, gone, or was configured. */
    void agentsChanged() {
        agents.changed();
    }

    /**
     * Listens to the announcements of a repository, on the connection that the waits share. Keeps the network open until it is
     * closed.
     *
     * @param server the server to subscribe to
     * @param listener must not block or throw
     * @return what to close; empty if the server is configured for polling
     * @throws NotifyException if there is no token for the server
     */
    public Optional<WaitService.Listening> listen(
            ServerSettings server, RepositoryName repository, Consumer<ActivityMessage> listener) {
        Use use = use();
        try {
            OpenNetwork network = use.network();
            Optional<WaitService.Listening> listening = server.subscription(network.token(server, null))
                    .map(subscription -> network.waits.listen(repository, subscription, listener));
            if (listening.isEmpty()) {
                use.close();
            }
            return listening.map(open -> () -> {
                open.close();
                use.close();
            });
        } catch (RuntimeException e) {
            use.close();
            throw e;
        }
    }

    /** The number of waits and connections now, one entry for each HTTP proxy setting that is still in use. */
    synchronized List<WaitService.Counts> counts() {
        return networks.stream().map(network -> network.waits.counts()).toList();
    }

    /**
     * The network with Jenkins' present HTTP proxy, with one use more. Closes the networks that no step uses any longer.
     *
     * @throws TransientFailureException if Jenkins shuts down
     */
    private OpenNetwork takeNewest() {
        List<OpenNetwork> idle;
        OpenNetwork newest;
        synchronized (this) {
            if (closed) {
                throw new TransientFailureException("Jenkins is shutting down");
            }
            ProxyConfiguration proxy = Jenkins.get().getProxy();
            if (networks.isEmpty() || networks.get(networks.size() - 1).proxy != proxy) {
                networks.add(new OpenNetwork(proxy, agents));
            }
            newest = networks.get(networks.size() - 1);
            OpenNetwork present = newest;
            idle = networks.stream()
                    .filter(network -> network != present && network.isIdle())
                    .toList();
            networks.removeAll(idle);
            newest.uses.incrementAndGet();
        }
        idle.forEach(OpenNetwork::close);
        return newest;
    }

    /** A new network through Jenkins' HTTP proxy. Redirects are refused because they could lead anywhere. */
    static Network open() {
        HttpClient http = ProxyConfiguration.newHttpClientBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
        return Network.builder()
                .httpClient(http)
                .userAgent("cvmfs-notify-jenkins")
                .build();
    }

    /**
     * Waits for what a form asked. Blocks.
     *
     * @param late the message if that takes longer than the limit
     * @throws NotifyException if it fails or is late, or the thread is interrupted
     */
    static <T> T await(CompletableFuture<T> answer, Duration limit, String late) {
        try {
            return answer.get(Math.max(0, limit.toMillis()), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof NotifyException known
                    ? known
                    : new PermanentFailureException("failed unexpectedly: " + e.getCause(), e);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new TransientFailureException(late, e);
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new TransientFailureException("waiting for an answer was interrupted", e);
        }
    }

    @Override
    public void onBeforeShutdown() {
        List<OpenNetwork> last;
        synchronized (this) {
            closed = true;
            last = List.copyOf(networks);
            networks.clear();
        }
        Stream.of(waitThreads, publishThreads, triggerThreads, agentThreads).forEach(ThreadPoolExecutor::shutdownNow);
        last.forEach(OpenNetwork::close);
        agents.close();
    }

    /**
     * The use of the network by one step: from the first call on, the same network stays open until this is closed, also if
     * Jenkins' HTTP proxy changes. Any thread may close it, which does not block; the other methods may, and are called one at a
     * time.
     */
    public final class Use implements AutoCloseable {

        private @Nullable OpenNetwork network;
        private boolean over;

        private Use() {}

        private OpenNetwork network() {
            OpenNetwork current = current();
            // May block, so without the lock.
            return current == null ? keep(takeNewest()) : current;
        }

        private synchronized @Nullable OpenNetwork current() {
            if (over) {
                throw new TransientFailureException("the step has ended");
            }
            return network;
        }

        private synchronized OpenNetwork keep(OpenNetwork taken) {
            network = taken;
            if (over) {
                close();
                throw new TransientFailureException("the step has ended");
            }
            return taken;
        }

        /**
         * Reads repositories.
         *
         * @throws TransientFailureException if this is closed, or Jenkins shuts down
         */
        public RepositoryReader reader() {
            return network().network.repositoryReader();
        }

        /**
         * Announces at this server, as {@link NotificationPublisher#publish} does. Blocks while it looks up the credentials.
         *
         * @param build whose use of the credentials is recorded
         * @throws NotifyException if there is no token for the server; if this is closed, or Jenkins shuts down
         */
        public CompletableFuture<Receipt> announce(
                ServerSettings server,
                Run<?, ?> build,
                ActivityMessage message,
                Duration timeLimit,
                PublisherSettings.RetryListener retries) {
            OpenNetwork open = network();
            PublisherSettings settings = new PublisherSettings(server.server(), open.token(server, build), timeLimit)
                    .withRetries((attempt, reason, pause) -> {
                        observations.announced(server, reason);
                        retries.failed(attempt, reason, pause);
                    });
            CompletableFuture<Receipt> announced =
                    open.network.publisher(settings).publish(message);
            var unused = announced.thenRun(() -> observations.announced(server, null));
            // Not what follows from it: cancelling it ends the request.
            return announced;
        }

        /** Ends the use. May be called again. */
        @Override
        public synchronized void close() {
            over = true;
            if (network != null) {
                network.uses.decrementAndGet();
                network = null;
            }
        }
    }

    /** The client library's network for one setting of Jenkins' HTTP proxy, and all waits that use it. */
    private static final class OpenNetwork implements AutoCloseable {

        private final @Nullable ProxyConfiguration proxy;
        private final Network network = JenkinsNetwork.open();
        private final WaitService waits;
        /** One for each configured server with credentials. */
        private final Map<ServerSettings, ServerToken> tokens = new ConcurrentHashMap<>();

        private final AtomicInteger uses = new AtomicInteger();

        OpenNetwork(@Nullable ProxyConfiguration proxy, JenkinsAgents agents) {
            this.proxy = proxy;
            this.waits = new WaitService(
                    agents.besides(network.repositoryReader()),
                    network,
                    WaitSettings.DEFAULT,
                    Clock.systemUTC(),
                    RandomGenerator.getDefault());
        }

        /** The same source for the same server, so that its connection is shared; looked up again, which may block. */
        TokenSource token(ServerSettings server, @Nullable Run<?, ?> build) {
            if (server.credentialsId() == null) {
                return TokenSource.NONE;
            }
            ServerToken token = tokens.computeIfAbsent(server, ServerToken::new);
            token.refresh(build);
            return token;
        }

        boolean isIdle() {
            return uses.get() == 0 && waits.counts().gates() == 0;
        }

        @Override
        public void close() {
            waits.close();
            network.close();
        }
    }

    /**
     * Returns a few threads on which steps may block: on credentials, files of builds, workspaces. They end when idle.
     *
     * @param role a part of the threads' names
     */
    private static ThreadPoolExecutor threads(String role) {
        return DaemonThreads.pool(THREADS, MAX_QUEUED, DaemonThreads.numbered("cvmfs-notify-" + role));
    }
}
