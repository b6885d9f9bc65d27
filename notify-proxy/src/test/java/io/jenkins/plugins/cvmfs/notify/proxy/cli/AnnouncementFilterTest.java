package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.Obstacle;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriptionListener;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict.Reason;
import io.jenkins.plugins.cvmfs.notify.proxy.cli.AnnouncementFilter.Result;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class AnnouncementFilterTest {

    private final List<String> passed = new ArrayList<>();
    private final List<String> notices = new ArrayList<>();
    private final AtomicLong now = new AtomicLong();

    @Test
    void onlyRevisionsAboveTheLimitAndAboveTheLastOneArePassedOn() {
        AnnouncementFilter revisions = filter(new Revision(5), Map.of());

        for (long revision : new long[] {4, 5, 7, 7, 6, 8, -1}) {
            revisions.activity(Announcements.of("a.example.org", revision));
        }
        revisions.activity(Announcements.of("b.example.org", 6));

        assertThat(passed)
                .as("the last is the largest unsigned number, not a negative one")
                .containsExactly(
                        "a.example.org revision 7 false",
                        "a.example.org revision 8 false",
                        "a.example.org revision 18446744073709551615 false",
                        "b.example.org revision 6 false");
    }

    @Test
    void aRejectedAnnouncementDoesNotHideALaterValidOne() {
        Function<byte[], Verdict> onlyRevision2 = published -> {
            var manifest = Announcements.of("a.example.org", 2).manifest();
            return new String(published, UTF_8).contains("S2\n")
                    ? new Verdict.Trusted(manifest, "CN=a", Instant.MAX)
                    : new Verdict.Rejected(Reason.BAD_SIGNATURE, "bad");
        };
        AnnouncementFilter revisions =
                filter(Revision.ZERO, Map.of(new RepositoryName("a.example.org"), onlyRevision2));

        revisions.activity(Announcements.of("a.example.org", 999));
        revisions.activity(Announcements.of("a.example.org", 2));

        assertThat(passed).containsExactly("a.example.org revision 2 true");
        assertThat(notices).containsExactly("announcement of a.example.org revision 999 ignored: bad");
    }

    private AnnouncementFilter filter(Revision after, Map<RepositoryName, Function<byte[], Verdict>> verifiers) {
        return new AnnouncementFilter(after, verifiers, Duration.ZERO, this::pass, notices::add, now::get);
    }

    private void pass(ActivityMessage message, boolean verified) {
        passed.add(message + " " + verified);
    }

    @Test
    void aLostAndARestoredConnectionAreReportedOnceEach() {
        AnnouncementFilter filter = filter(Revision.ZERO, Map.of());
        SubscriptionListener.Connection connection = new SubscriptionListener.Connection(
                URI.create("http://127.0.0.1:1/"), SubscriberSettings.Protocol.WEBSOCKET);

        filter.connected(connection);
        filter.disconnected(new TransientFailureException("connection refused"), Duration.ofSeconds(3));
        now.addAndGet(TimeUnit.SECONDS.toNanos(12));
        filter.disconnected(new TransientFailureException("connection refused"), Duration.ofSeconds(6));
        now.addAndGet(TimeUnit.SECONDS.toNanos(30));
        filter.connected(connection);

        assertThat(notices)
                .containsExactly(
                        "not connected: connection refused; retrying until it works", "connected again after 42 s");
    }

    @Test
    void whatKeepsAnnouncementsAwayIsKnownUntilTheSubscriptionIsAccepted() {
        AnnouncementFilter filter = filter(Revision.ZERO, Map.of());
        TransientFailureException refused = new TransientFailureException("connection refused");

        assertThat(filter.obstacle())
                .hasValueSatisfying(silent -> assertThat(Obstacle.of(silent)).isEqualTo(Obstacle.SILENT));
        filter.disconnected(refused, Duration.ofSeconds(3));
        assertThat(filter.obstacle()).containsSame(refused);
        filter.subscribed(MESSAGE.repository());
        assertThat(filter.obstacle()).isEmpty();
    }

    @Test
    void aServerCannotFillTheScreenWithWarnings() {
        AnnouncementFilter filter = filter(Revision.ZERO, Map.of());

        for (int i = 0; i < 30; i++) {
            filter.warning(new TransientFailureException("problem " + i));
        }
        filter.disconnected(new TransientFailureException("connection refused"), Duration.ofSeconds(3));
        now.addAndGet(TimeUnit.SECONDS.toNanos(1));
        filter.warning(new TransientFailureException("problem 30"));
        filter.warning(new TransientFailureException("problem 31"));

        assertThat(notices)
                .hasSize(12)
                .startsWith("problem 0", "problem 1")
                .endsWith(
                        "problem 9",
                        "not connected: connection refused; retrying until it works",
                        "problem 30 (20 messages of this kind suppressed)");
    }

    @Test
    void rejectedAnnouncementsAreReportedAtALimitedRate() {
        AnnouncementFilter filter = filter(
                Revision.ZERO,
                Map.of(MESSAGE.repository(), published -> new Verdict.Rejected(Reason.BAD_SIGNATURE, "bad")));

        for (int i = 0; i < 30; i++) {
            filter.activity(MESSAGE);
        }

        assertThat(notices).hasSize(10);
    }

    @Test
    void aRefusalOfEachRepositoryIsReported() {
        AnnouncementFilter filter = filter(Revision.ZERO, Map.of());

        for (int i = 0; i < 30; i++) {
            filter.refused(
                    new RepositoryName("r%d.example.org".formatted(i)),
                    new TransientFailureException("refused " + i),
                    Duration.ofSeconds(3));
        }

        assertThat(notices).hasSize(30);
    }

    private static final ActivityMessage MESSAGE = Announcements.of("test.example.org", 2);
    private static final Verdict TRUSTED = new Verdict.Trusted(MESSAGE.manifest(), "CN=test", Instant.MAX);

    @Test
    void theVerdictDecides() throws InterruptedException {
        assertThat(check(published -> TRUSTED)).isEqualTo(Result.VERIFIED);
        assertThat(check(published -> new Verdict.Rejected(Reason.BAD_SIGNATURE, "bad")))
                .isEqualTo(Result.REJECTED);
    }

    @Test
    void aRepositoryWithoutAVerifierIsAccepted() throws InterruptedException {
        Result result = filter(Revision.ZERO, Map.of()).check(MESSAGE);

        assertThat(result).isEqualTo(Result.UNVERIFIED);
    }

    @Test
    void unreadableFilesAreReadAgain() throws InterruptedException {
        AtomicInteger attempts = new AtomicInteger();

        Result result = check(published -> {
            if (attempts.incrementAndGet() < 3) {
                throw new TransientFailureException("connection refused");
            }
            return TRUSTED;
        });

        assertThat(result).isEqualTo(Result.VERIFIED);
    }

    @Test
    void anAnnouncementIsRejectedWhenTheFilesStayUnreadable() throws InterruptedException {
        AtomicInteger attempts = new AtomicInteger();

        Result result = check(published -> {
            attempts.incrementAndGet();
            throw new TransientFailureException("connection refused");
        });

        assertThat(result).isEqualTo(Result.REJECTED);
        assertThat(attempts).hasValue(3);
    }

    private Result check(Function<byte[], Verdict> verifier) throws InterruptedException {
        return filter(Revision.ZERO, Map.of(new RepositoryName("test.example.org"), verifier))
                .check(MESSAGE);
    }
}
