package io.jenkins.plugins.cvmfs.notify.connection;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.ManualClock;
import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport.ReplicaReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import io.jenkins.plugins.cvmfs.notify.client.gate.ManifestSummary;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.gate.ReplicaState;
import io.jenkins.plugins.cvmfs.notify.client.gate.ReplicaState.RootCatalog;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.gate.ServerLink;
import io.jenkins.plugins.cvmfs.notify.client.gate.StalePolicy;
import io.jenkins.plugins.cvmfs.notify.client.gate.Target;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.waiting.ProgressListener;
import io.jenkins.plugins.cvmfs.notify.client.waiting.Wait;
import io.jenkins.plugins.cvmfs.notify.connection.Observations.Subject;
import io.jenkins.plugins.cvmfs.notify.connection.Observations.Trouble;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The troubles that waits and announcements meet, by a clock that the test sets. */
final class ObservationsTest {

    private static final Instant START = Instant.parse("2026-11-28T12:00:00Z");
    private static final RepositoryName SW = new RepositoryName("sw.example.org");
    private static final RepositoryName DATA = new RepositoryName("data.example.org");
    private static final Replica SITE_A = new Replica("site-a", "http://a.example.org/cvmfs/sw.example.org");
    private static final Replica SITE_B = new Replica("site-b", "http://b.example.org/cvmfs/sw.example.org");
    private static final ServerSettings SERVER =
            new ServerSettings("main", "https://notify.example.org/api/v1", ServerSettings.Transport.AUTO, null);

    private final ManualClock clock = new ManualClock(START);
    private final Observations observations = new Observations(clock);

    private ScriptedWait begin(RepositoryName repository) {
        ScriptedWait wait = new ScriptedWait(repository);
        Observations.Observed observed = observations.observe(Optional.of(SERVER), ProgressListener.NONE);
        wait.progress = observed;
        observed.begin(wait);
        return wait;
    }

    @Test
    void aServerThatIsUnreachableForMinutesIsATroubleUntilItIsReached() {
        ScriptedWait wait = begin(SW);
        wait.link(ServerLink.State.LOST, "connection refused");
        assertThat(observations.troubles()).isEmpty();

        clock.advance(Duration.ofMinutes(6));
        assertThat(observations.troubles())
                .containsExactly(
                        new Trouble(new Subject.Unreachable(SERVER), "connection refused", Duration.ofMinutes(6)));

        clock.advance(Duration.ofDays(2));
        assertThat(observations.troubles()).as("while a build waits").hasSize(1);

        wait.link(ServerLink.State.CONNECTED, null);
        assertThat(observations.troubles()).isEmpty();
    }

    @Test
    void aShortInterruptionIsForgottenWithTheLastWait() {
        ScriptedWait first = begin(SW);
        ScriptedWait second = begin(DATA);
        first.link(ServerLink.State.LOST, "connection refused");
        clock.advance(Duration.ofMinutes(1));

        first.end();
        clock.advance(Duration.ofMinutes(5));
        assertThat(observations.troubles()).as("the second still waits").hasSize(1);

        second.link(ServerLink.State.CONNECTED, null);
        second.link(ServerLink.State.LOST, "connection refused");
        clock.advance(Duration.ofMinutes(1));
        second.end();
        clock.advance(Duration.ofMinutes(5));
        assertThat(observations.troubles()).isEmpty();
    }

    @Test
    void aRefusedSubscriptionIsATroubleAtOnceAndOfItsRepositoryOnly() {
        begin(DATA).link(ServerLink.State.CONNECTED, null);
        ScriptedWait refused = begin(SW);
        refused.link(ServerLink.State.REFUSED, "these credentials lack the right");
        refused.end();

        assertThat(observations.troubles())
                .extracting(Trouble::subject)
                .containsExactly(new Subject.RefusedSubscription(SERVER, SW));

        clock.advance(Duration.ofDays(1));
        assertThat(observations.troubles()).as("after a day without news").isEmpty();
    }

    @Test
    void anAnnouncementThatDoesNotReachTheServerIsATroubleUntilOneDoes() {
        observations.announced(SERVER, "connection refused");
        clock.advance(Duration.ofMinutes(6));
        observations.announced(SERVER, "no route to host");

        assertThat(observations.troubles())
                .containsExactly(
                        new Trouble(new Subject.Unreachable(SERVER), "no route to host", Duration.ofMinutes(6)));

        observations.announced(SERVER, null);
        assertThat(observations.troubles()).isEmpty();
    }

    @Test
    void aReplicaLagsIfAnotherOneHasHadTheRevisionForLong() {
        ScriptedWait wait = begin(SW);
        wait.replicas(has(SITE_A, 42), lacks(SITE_B, 41));
        assertThat(observations.troubles()).isEmpty();

        clock.advance(Duration.ofMinutes(31));
        wait.end();
        assertThat(observations.troubles())
                .containsExactly(new Trouble(
                        new Subject.LaggingReplica(SW, SITE_B), "serves revision 41", Duration.ofMinutes(31)));

        ScriptedWait later = begin(SW);
        later.replicas(has(SITE_A, 43), lacks(SITE_B, 42));
        assertThat(observations.troubles())
                .as("it lacks the next one now, since it was published")
                .extracting(Trouble::text)
                .containsExactly("serves revision 42");

        later.replicas(has(SITE_A, 43), has(SITE_B, 43));
        assertThat(observations.troubles()).isEmpty();
    }

    @Test
    void aTroubleGrowsNoOlderWhenNoWaitLooksAtIt() {
        ScriptedWait wait = begin(SW);
        wait.link(ServerLink.State.LOST, "connection refused");
        wait.replicas(has(SITE_A, 42), lacks(SITE_B, 41));
        clock.advance(Duration.ofSeconds(20));
        wait.end();
        observations.announced(SERVER, "connection refused");

        clock.advance(Duration.ofHours(20));

        assertThat(observations.troubles()).isEmpty();
    }

    @Test
    void noReplicaLagsBehindARevisionThatIsNotPublished() {
        ScriptedWait wait = begin(SW);
        wait.replicas(lacks(SITE_A, 41), lacks(SITE_B, 41));
        clock.advance(Duration.ofHours(2));

        assertThat(observations.troubles()).isEmpty();
    }

    @Test
    void aChangeOfTheConfigurationBeginsAnew() {
        ScriptedWait wait = begin(SW);
        wait.link(ServerLink.State.LOST, "connection refused");
        clock.advance(Duration.ofMinutes(6));

        observations.forget();
        assertThat(observations.troubles()).isEmpty();

        clock.advance(Duration.ofMinutes(5));
        assertThat(observations.troubles()).hasSize(1);
    }

    @Test
    void theMemoryIsBounded() {
        for (int i = 0; i < 2000; i++) {
            begin(new RepositoryName("r%d.example.org".formatted(i))).link(ServerLink.State.REFUSED, "no");
        }

        assertThat(observations.troubles()).hasSize(1000);
    }

    private ReplicaReport has(Replica replica, long revision) {
        return report(replica, revision, clock.instant());
    }

    private ReplicaReport lacks(Replica replica, long revision) {
        return report(replica, revision, null);
    }

    private static ReplicaReport report(Replica replica, long revision, @Nullable Instant availableAt) {
        ManifestSummary served = new ManifestSummary(
                new Revision(revision),
                ContentHash.of(HashAlgorithm.SHA1, Long.toString(revision).getBytes(US_ASCII)),
                null);
        ReplicaState state = new ReplicaState(
                replica, served, RootCatalog.PRESENT, availableAt, availableAt, START, null, null, null);
        return new ReplicaReport(state, "serves revision " + revision, null, null);
    }

    /** A wait whose state a test sets. */
    private static final class ScriptedWait implements Wait {

        private final CompletableFuture<GateReport> result = new CompletableFuture<>();
        private final RepositoryName repository;
        private final List<ReplicaReport> replicas = new ArrayList<>();
        private ServerLink link = new ServerLink(ServerLink.State.CONNECTING, null);
        private ProgressListener progress = ProgressListener.NONE;

        ScriptedWait(RepositoryName repository) {
            this.repository = repository;
        }

        void link(ServerLink.State state, @Nullable String problem) {
            link = new ServerLink(state, problem);
            progress.progress("the connection has changed");
        }

        void replicas(ReplicaReport... reports) {
            replicas.clear();
            replicas.addAll(List.of(reports));
            progress.progress("a replica has changed");
        }

        void end() {
            result.complete(report());
        }

        @Override
        public CompletableFuture<GateReport> result() {
            return result;
        }

        @Override
        public void cancel() {
            result.cancel(false);
        }

        @Override
        public GateReport report() {
            Condition condition = new Condition(
                    repository,
                    new Target.NewerThan(new Revision(41)),
                    List.of(SITE_A, SITE_B),
                    Requirement.ALL,
                    StalePolicy.WAIT,
                    START.plus(Duration.ofDays(9)),
                    null);
            return new GateReport(condition, null, Duration.ZERO, null, List.copyOf(replicas), "");
        }

        @Override
        public ServerLink link() {
            return link;
        }

        @Override
        public GateSnapshot snapshot() {
            throw new UnsupportedOperationException();
        }
    }
}
