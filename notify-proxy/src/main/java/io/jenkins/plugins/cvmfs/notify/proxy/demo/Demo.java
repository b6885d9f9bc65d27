package io.jenkins.plugins.cvmfs.notify.proxy.demo;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateOutcome;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.gate.StalePolicy;
import io.jenkins.plugins.cvmfs.notify.client.gate.Target;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationSubscriber;
import io.jenkins.plugins.cvmfs.notify.client.transport.PublisherSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriptionListener;
import io.jenkins.plugins.cvmfs.notify.client.transport.TokenSource;
import io.jenkins.plugins.cvmfs.notify.client.trust.Blacklist;
import io.jenkins.plugins.cvmfs.notify.client.trust.ManifestVerifier;
import io.jenkins.plugins.cvmfs.notify.client.trust.MasterKeys;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict;
import io.jenkins.plugins.cvmfs.notify.client.waiting.Wait;
import io.jenkins.plugins.cvmfs.notify.client.waiting.WaitService;
import io.jenkins.plugins.cvmfs.notify.client.waiting.WaitSettings;
import io.jenkins.plugins.cvmfs.notify.proxy.NotifyProxy;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.Grants;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.TokenConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader.Assignment;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader.ConfigSources;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TokenHash;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * A demonstration: a proxy without a broker, a repository on a stratum 0 and two replicas, a subscriber, and a pipeline that waits. Then
 * revision 2 is published; one replica has it at once, the other is late, and the pipeline continues when both have it.
 */
public final class Demo {

    /** The repository of the demonstration. */
    public static final RepositoryName REPOSITORY = new RepositoryName("sw.example.org");

    private static final Revision PUBLISHED = new Revision(2);
    /** Far fewer than by default, for which many machines do not allow a user enough open files. */
    private static final String MAX_CONNECTIONS = "100";

    private static final Duration LATENESS = Duration.ofSeconds(3);

    private final Path folder;
    private final Network network;
    private final Duration limit;
    private final Clock clock;
    private final PrintWriter out;
    private final long start = System.nanoTime();

    /**
     * @param folder of the sites; in the end they all serve revision 2
     * @param limit for each event
     * @param out takes a line for each event
     */
    public Demo(Path folder, Network network, Duration limit, Clock clock, PrintWriter out) {
        this.folder = folder;
        this.network = network;
        this.limit = limit;
        this.clock = clock;
        this.out = out;
    }

    /**
     * Runs the demonstration. Blocks until its end.
     *
     * @return true if the subscriber has received and verified the revision, and both replicas have it
     * @throws IOException if the folder or a port of the loopback cannot be used
     * @throws TimeoutException if an event did not happen within the limit
     */
    public boolean run() throws IOException, InterruptedException, ExecutionException, TimeoutException {
        TokenHash.Minted token = TokenHash.mint();
        try (NotifyProxy proxy = new NotifyProxy(config(token.hash()), clock);
                DemoSites sites = new DemoSites(folder, REPOSITORY, clock);
                WaitService waits = new WaitService(
                        network.repositoryReader(), network, WaitSettings.DEFAULT, clock, new SplittableRandom())) {
            proxy.start();
            String server =
                    "http://127.0.0.1:%d/api/v1".formatted(proxy.address().getPort());
            say("proxy", "serves %s, standalone: without a broker".formatted(server));
            say(
                    "stratum 0",
                    "has %s revision 1, signed; the replicas site-a and site-b have it, too".formatted(REPOSITORY));
            SubscriberSettings settings = SubscriberSettings.of(NotificationServer.parse(server))
                    .withToken(TokenSource.of(token.token().value()));
            return publishAndWait(settings, sites, waits);
        }
    }

    private static ProxyConfig config(TokenHash publishers) {
        List<Assignment> settings = Map.of(
                        "standalone", "true",
                        "port", "0",
                        "access.local_token_file", "",
                        "limits.max_connections", MAX_CONNECTIONS)
                .entrySet()
                .stream()
                .map(setting -> new Assignment("demo", setting.getKey(), setting.getValue()))
                .toList();
        ProxyConfig config = ConfigLoader.load(new ConfigSources(Optional.empty(), Map.of(), settings))
                .config();
        return config.withAccess(
                config.access().withTokens(List.of(new TokenConfig("demonstration", publishers, Grants.ALL))));
    }

    private boolean publishAndWait(SubscriberSettings settings, DemoSites sites, WaitService waits)
            throws InterruptedException, ExecutionException, TimeoutException {
        VerifyingSubscriber subscriber = new VerifyingSubscriber(message -> verify(message, sites));
        try (NotificationSubscriber subscription = network.subscriber(settings, subscriber)) {
            await(subscription.subscribe(REPOSITORY));
            await(subscriber.subscribed);
            Wait waiting = waits.start(condition(sites), settings, line -> say("pipeline", line));
            publish(settings, sites);
            sites.snapshot(DemoSites.PROMPT);
            say(DemoSites.PROMPT, "has taken its snapshot at once");
            Revision received = await(subscriber.received);
            CompletableFuture.delayedExecutor(LATENESS.toMillis(), TimeUnit.MILLISECONDS)
                    .execute(() -> {
                        sites.snapshot(DemoSites.LATE);
                        say(DemoSites.LATE, "has taken its snapshot, late");
                    });
            GateReport report = await(waiting.result());
            tell(report);
            return received.equals(PUBLISHED) && report.outcome() == GateOutcome.REACHED;
        }
    }

    private Verdict verify(ActivityMessage message, DemoSites sites) {
        MasterKeys keys = MasterKeys.parse(sites.repository().masterKeyPem());
        return new ManifestVerifier(keys, Blacklist.EMPTY, clock)
                .verify(
                        message.repository(),
                        message.manifestBytes(),
                        (path, maxBytes) -> network.repositoryReader().fileNow(sites.stratum0(), path, maxBytes));
    }

    private Condition condition(DemoSites sites) {
        return new Condition(
                REPOSITORY,
                new Target.AtLeast(PUBLISHED),
                sites.replicas(),
                Requirement.ALL,
                StalePolicy.WAIT,
                clock.instant().plus(limit),
                null);
    }

    private void publish(SubscriberSettings settings, DemoSites sites)
            throws InterruptedException, ExecutionException, TimeoutException {
        sites.repository().publish();
        say("stratum 0", "has published revision %s".formatted(PUBLISHED));
        ActivityMessage message = ActivityMessage.announce(sites.repository().manifestBytes(), clock.instant());
        PublisherSettings publisher = PublisherSettings.of(settings.server()).withToken(settings.token());
        await(network.publisher(publisher).publish(message));
        say("publisher", "has announced it; it is safe in the proxy's log");
    }

    private void tell(GateReport report) {
        for (GateReport.ReplicaReport replica : report.replicas()) {
            Duration after = replica.sinceAnnouncement();
            String when = after == null ? "" : ", readable %d ms after the announcement".formatted(after.toMillis());
            say("pipeline", replica.state().replica() + " " + replica.summary() + when);
        }
        say("pipeline", report.outcome() == GateOutcome.REACHED ? "continues" : "gives up: " + report.missing());
    }

    private <T> T await(Future<T> future) throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(limit.toMillis() + 1000, TimeUnit.MILLISECONDS);
    }

    /** Prints an event with the seconds since the start. Called by any thread. */
    private synchronized void say(String who, String what) {
        double seconds = (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
        out.println(String.format(Locale.ROOT, "%7.3f s  %-10s %s", seconds, who, what));
        out.flush();
    }

    /** A subscriber that verifies what it receives. */
    private final class VerifyingSubscriber implements SubscriptionListener {

        private final Function<ActivityMessage, Verdict> verifier;
        /** Completes when the server has confirmed the subscription. */
        private final CompletableFuture<RepositoryName> subscribed = new CompletableFuture<>();
        /** Completes with the first verified revision. */
        private final CompletableFuture<Revision> received = new CompletableFuture<>();

        VerifyingSubscriber(Function<ActivityMessage, Verdict> verifier) {
            this.verifier = verifier;
        }

        @Override
        public void connected(SubscriptionListener.Connection connection) {
            say("subscriber", "is connected to %s".formatted(connection.url()));
        }

        @Override
        public void subscribed(RepositoryName repository) {
            say("subscriber", "is subscribed to %s".formatted(repository));
            subscribed.complete(repository);
        }

        @Override
        public void activity(ActivityMessage message) {
            say("subscriber", "receives %s".formatted(message));
            Verdict verdict = verifier.apply(message);
            if (verdict instanceof Verdict.Trusted trusted) {
                say("subscriber", "has verified it: signed by %s".formatted(trusted.signer()));
                received.complete(message.revision());
            } else if (verdict instanceof Verdict.Rejected rejected) {
                say("subscriber", "rejects it: %s".formatted(rejected.explanation()));
            }
        }

        @Override
        public void disconnected(NotifyException cause, Duration retryIn) {
            say("subscriber", "lost its connection: %s".formatted(cause.getMessage()));
        }
    }
}
