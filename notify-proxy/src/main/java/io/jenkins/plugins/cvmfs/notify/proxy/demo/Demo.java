package io.jenkins.plugins.cvmfs.notify.proxy.demo;

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
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TokenHash;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The story: a proxy without a broker, a repository on a stratum 0 and two replicas, a listener, a pipeline that waits; then
 * revision 2 is published, one replica takes it at once, the other is late, and the pipeline goes on when both have it.
 */
public final class Demo {

    /** The repository of the story. */
    public static final RepositoryName REPOSITORY = new RepositoryName("sw.example.org");

    private static final Revision PUBLISHED = new Revision(2);
    private static final Duration LATENESS = Duration.ofSeconds(3);

    private final Path folder;
    private final Network network;
    private final Duration limit;
    private final Clock clock;
    private final Timeline timeline;

    /**
     * @param folder where the sites are made; what is there afterwards is a repository at revision 2, on all sites
     * @param network how to reach servers
     * @param limit for each thing that is waited for
     * @param out where the story is told
     */
    public Demo(Path folder, Network network, Duration limit, Clock clock, PrintWriter out) {
        this.folder = folder;
        this.network = network;
        this.limit = limit;
        this.clock = clock;
        this.timeline = new Timeline(out);
    }

    /**
     * Tells the story. Blocks until its end.
     *
     * @return whether it ended well: the listener has heard and verified the revision, and both replicas have it
     * @throws IOException if the folder or a port of the loopback cannot be used
     * @throws TimeoutException if a part of it did not happen within the limit
     */
    public boolean run() throws IOException, InterruptedException, ExecutionException, TimeoutException {
        TokenHash.Minted token = TokenHash.mint(new SecureRandom());
        try (NotifyProxy proxy = new NotifyProxy(config(token.hash()), clock);
                DemoSites sites = new DemoSites(folder, REPOSITORY, clock);
                WaitService room = WaitService.open(
                        network.repositoryReader(),
                        network::subscriber,
                        WaitSettings.DEFAULT,
                        clock,
                        new SplittableRandom())) {
            proxy.start();
            String server =
                    "http://127.0.0.1:%d/api/v1".formatted(proxy.address().getPort());
            timeline.says("proxy", "serves %s, standalone: no broker is needed".formatted(server));
            timeline.says(
                    "stratum 0",
                    "has %s revision 1, signed; so have the replicas site-a and site-b".formatted(REPOSITORY));
            SubscriberSettings settings = SubscriberSettings.of(NotificationServer.parse(server))
                    .withToken(TokenSource.of(token.token().value()));
            return publishAndWait(settings, sites, room);
        }
    }

    private static ProxyConfig config(TokenHash publishers) {
        ProxyConfig config = ProxyConfig.standalone(0);
        return config.withAccess(
                config.access().withTokens(List.of(new TokenConfig("demonstration", publishers, Grants.ALL))));
    }

    private boolean publishAndWait(SubscriberSettings settings, DemoSites sites, WaitService room)
            throws InterruptedException, ExecutionException, TimeoutException {
        Listener listener = new Listener(timeline, message -> verify(message, sites));
        try (NotificationSubscriber subscriber = network.subscriber(settings, listener)) {
            await(subscriber.subscribe(REPOSITORY));
            await(listener.subscribed());
            Wait waiting = room.enter(condition(sites), settings, line -> timeline.says("pipeline", line));
            publish(settings, sites);
            sites.snapshot(DemoSites.PROMPT);
            timeline.says(DemoSites.PROMPT, "has taken its snapshot at once");
            Revision heard = await(listener.heard());
            CompletableFuture.delayedExecutor(LATENESS.toMillis(), TimeUnit.MILLISECONDS)
                    .execute(() -> {
                        sites.snapshot(DemoSites.LATE);
                        timeline.says(DemoSites.LATE, "has taken its snapshot, late");
                    });
            GateReport report = await(waiting.result());
            tell(report);
            return heard.equals(PUBLISHED) && report.outcome() == GateOutcome.REACHED;
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
        timeline.says("stratum 0", "has published revision %s".formatted(PUBLISHED));
        ActivityMessage message = ActivityMessage.announce(sites.repository().manifestBytes(), clock.instant());
        PublisherSettings publisher = PublisherSettings.of(settings.server()).withToken(settings.token());
        await(network.publisher(publisher).publish(message));
        timeline.says("publisher", "has announced it; the proxy has it safe");
    }

    private void tell(GateReport report) {
        for (GateReport.ReplicaReport replica : report.replicas()) {
            Duration after = replica.sinceAnnouncement();
            String when = after == null ? "" : ", readable %d ms after the announcement".formatted(after.toMillis());
            timeline.says("pipeline", replica.state().replica() + " " + replica.summary() + when);
        }
        timeline.says(
                "pipeline", report.outcome() == GateOutcome.REACHED ? "goes on" : "gives up: " + report.missing());
    }

    private <T> T await(Future<T> future) throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(limit.toMillis() + 1000, TimeUnit.MILLISECONDS);
    }
}
