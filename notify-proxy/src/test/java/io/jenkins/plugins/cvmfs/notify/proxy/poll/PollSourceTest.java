package io.jenkins.plugins.cvmfs.notify.proxy.poll;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.DaemonThreads;
import io.jenkins.plugins.cvmfs.notify.client.transport.FetchedManifest;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Denial;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryConfig.Verify;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryPattern;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Redeliveries;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogRefusalException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import io.jenkins.plugins.cvmfs.notify.proxy.poll.PollOutcome.Announced;
import io.jenkins.plugins.cvmfs.notify.proxy.poll.PollOutcome.NoAddress;
import io.jenkins.plugins.cvmfs.notify.proxy.poll.PollOutcome.NotAnnounced;
import io.jenkins.plugins.cvmfs.notify.proxy.poll.PollOutcome.Older;
import io.jenkins.plugins.cvmfs.notify.proxy.poll.PollOutcome.Unchanged;
import io.jenkins.plugins.cvmfs.notify.proxy.poll.PollOutcome.Unreadable;
import io.jenkins.plugins.cvmfs.notify.proxy.poll.PollOutcome.Why;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.Accesses;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.InMemoryActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Reason;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Refused;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Unavailable;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A stratum 0 that serves what the test says, on a thread and a clock moved by hand. */
@ExtendWith(LeakGuard.class)
class PollSourceTest {

    private static final String A = "a.example.org";
    private static final String B = "b.example.org";
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final PollSource.Cause REQUEST = new PollSource.Cause("refresh by a test", "203.0.113.9");

    @TempDir
    Path folder;

    private final HandMovedThread thread = new HandMovedThread();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final InMemoryActivityLog log = new InMemoryActivityLog();
    private final FanOut fanOut = new FanOut(
            TestConfigs.repositories(),
            MINUTE,
            Long.MAX_VALUE,
            Redeliveries.off(),
            Clock.systemUTC(),
            new SimpleMeterRegistry());
    private final Map<String, FetchedManifest> served = new HashMap<>();
    private final Map<String, RuntimeException> failing = new HashMap<>();
    private final List<String> reads = new ArrayList<>();
    private volatile @Nullable CompletableFuture<FetchedManifest> pending;
    private Manifests manifests;
    private PollSource source;

    @BeforeEach
    void start() {
        manifests = new Manifests(folder);
        log.start(fanOut);
        source = source(polling(A), thread.executor());
        source.start();
    }

    private PollSource source(AccessConfig config, ScheduledExecutorService executor) {
        return new PollSource(
                config,
                this::read,
                log,
                fanOut,
                Accesses.publishing(log, fanOut, config, 100, new SimpleMeterRegistry()),
                executor,
                Clock.fixed(InMemoryActivityLog.NOW, ZoneOffset.UTC),
                thread::nanoTime,
                meters);
    }

    @AfterEach
    void stop() {
        thread.close();
        manifests.close();
    }

    @Test
    void whatIsNewIsAnnouncedOnce() {
        serve(A, 1);
        thread.letPass(MINUTE.multipliedBy(5));
        serve(A, 2);
        thread.letPass(MINUTE.multipliedBy(5));

        assertThat(log.calls).containsExactly("append a.example.org 1", "append a.example.org 2");
        assertThat(count("announced")).isEqualTo(2);
        assertThat(count("unchanged")).isGreaterThan(5);
        assertThat(meters.get("cvmfs_notify_polled_repositories").gauge().value())
                .isEqualTo(1);
    }

    @Test
    void whatAnotherHasAnnouncedIsNotAnnouncedAgain() {
        serve(A, 1);
        append(A, 1);

        thread.letPass(MINUTE.multipliedBy(3));

        assertThat(log.messages).hasSize(1);
        assertThat(reads).isNotEmpty();
    }

    @Test
    void aPlaceThatIsBehindIsNotTakenForARollback() {
        serve(A, 1);
        append(A, 2);

        thread.letPass(MINUTE.multipliedBy(3));

        assertThat(log.messages).hasSize(1);
        assertThat(count("older")).isGreaterThan(1);
        assertThat(refresh(A))
                .isCompletedWithValueMatching(outcome ->
                        outcome instanceof Older behind && behind.announced().equals(new Revision(2)));
    }

    @Test
    void aLowerRevisionThatWasPublishedLaterIsARollbackAndAnnounced() {
        append(A, 5);
        served.put(A, manifests.of(A, 4, Manifests.PUBLISHED.plusSeconds(60)));

        thread.letPass(MINUTE.multipliedBy(3));

        assertThat(log.calls).containsExactly("append a.example.org 5", "append a.example.org 4");
    }

    @Test
    void whatTheLogHasForgottenIsAnnouncedAgainOnlyWhenAskedFor() {
        serve(A, 1);
        thread.letPass(MINUTE);
        var unused = log.forget(new RepositoryName(A));
        thread.letPass(MINUTE.multipliedBy(3));
        assertThat(log.messages).hasSize(1);

        assertThat(refresh(A)).isCompletedWithValueMatching(Announced.class::isInstance);

        assertThat(log.messages).hasSize(2);
    }

    @Test
    void anAnnouncementThatTheLogCannotTakeIsTriedAgainSoon() {
        log.failAppends(new LogUnavailableException("down", null));
        serve(A, 1);
        thread.letPass(MINUTE);
        int attempts = log.calls.size();
        assertThat(attempts).isGreaterThan(10);
        assertThat(count("not_announced")).isEqualTo(attempts);

        log.failAppends(null);
        thread.letPass(Duration.ofSeconds(5));

        assertThat(log.messages).hasSize(1);
    }

    @Test
    void aManifestThatIsRefusedIsPublishedAgainAfterFiveMinutesOrWhenAskedFor() {
        log.failAppends(new LogRefusalException(LogRefusalException.Why.BY_UPSTREAM, "no right", null));
        serve(A, 1);
        thread.letPass(Duration.ofMinutes(4));
        assertThat(log.calls).hasSize(1);

        assertThat(refresh(A))
                .isCompletedWithValueMatching(outcome -> outcome instanceof NotAnnounced no
                        && no.why() instanceof Refused refused
                        && refused.reason() == Denial.REFUSED_UPSTREAM);
        assertThat(log.calls).hasSize(2);
        thread.letPass(PollSource.REFUSED_PAUSE.plus(MINUTE.multipliedBy(2)));

        assertThat(log.calls).hasSize(3);
    }

    @Test
    void aNewManifestIsNotHeldUpByARefusedOne() {
        log.failAppends(new LogRefusalException(LogRefusalException.Why.BY_UPSTREAM, "no right", null));
        serve(A, 1);
        thread.letPass(MINUTE);
        serve(A, 2);
        thread.letPass(MINUTE.multipliedBy(2));

        assertThat(log.calls).containsExactly("append a.example.org 1", "append a.example.org 2");
    }

    @Test
    void theManifestOfAnotherRepositoryIsNotAnnounced() {
        served.put(A, manifests.of(B, 1));

        thread.letPass(MINUTE);

        assertThat(log.calls).isEmpty();
        assertThat(count("unreadable")).isPositive();
        assertThat(refresh(A)).isCompletedWithValue(new Unreadable(Why.MALFORMED));
    }

    @Test
    void aFailureIsNamedByItsKindWithoutTheAddress() {
        failing.put(A, new TransientFailureException("http://10.0.0.1/secret: connection refused"));
        assertThat(refresh(A)).isCompletedWithValue(new Unreadable(Why.UNREACHABLE));
        failing.put(A, new InvalidInputException("http://10.0.0.1/secret: no manifest"));
        assertThat(refresh(A)).isCompletedWithValue(new Unreadable(Why.MALFORMED));

        assertThat(Arrays.stream(Why.values()).map(Why::sentence))
                .allSatisfy(
                        sentence -> assertThat(sentence).doesNotContain("http:").contains("stratum 0"));
    }

    @Test
    void aRefreshReadsOnlyWhatTheConfigurationNames() {
        reload(new RepositoryConfig(
                new RepositoryPattern("*.example.org"),
                Verify.OFF,
                "http://s0.example.org/@fqrn@",
                List.of(),
                false,
                Optional.empty()));
        serve(B, 7);

        assertThat(refresh(B)).isCompletedWithValueMatching(Announced.class::isInstance);
        assertThat(refresh("c.example.com")).isCompletedWithValue(new NoAddress());

        assertThat(reads).containsExactly("http://s0.example.org/" + B);
        thread.letPass(MINUTE.multipliedBy(10));
        assertThat(reads)
                .as("a repository without poll is read when asked only")
                .hasSize(1);
    }

    @Test
    void aRefreshOfWhatIsAnnouncedSaysSo() {
        serve(A, 1);
        append(A, 1);

        assertThat(refresh(A)).isCompletedWithValueMatching(Unchanged.class::isInstance);
    }

    @Test
    void onlySoManyRepositoriesAreReadAtATimeAndWhatWasReadBeforeGivesWay() {
        reload(new RepositoryConfig(
                new RepositoryPattern("*"),
                Verify.OFF,
                "http://s0.example.org/@fqrn@",
                List.of(),
                false,
                Optional.empty()));
        for (int i = 0; i < 2 * PollSource.MOST_UNPOLLED; i++) {
            assertThat(refresh("r" + i)).isCompletedWithValue(new Unreadable(Why.UNREACHABLE));
        }
        CompletableFuture<FetchedManifest> never = new CompletableFuture<>();
        pending = never;
        List<CompletableFuture<PollOutcome>> waiting = new ArrayList<>();
        for (int i = 0; i < PollSource.MOST_UNPOLLED; i++) {
            waiting.add(source.refresh(new RepositoryName("w" + i), REQUEST));
        }

        assertThat(refresh("one-too-many"))
                .isCompletedWithValueMatching(outcome -> outcome instanceof NotAnnounced no
                        && no.why() instanceof Unavailable busy
                        && busy.reason() == Reason.TOO_MANY_PENDING);
        never.completeExceptionally(new TransientFailureException("too slow"));
        thread.run();
        assertThat(waiting).allSatisfy(answer -> assertThat(answer).isCompleted());
    }

    @Test
    void closingAnswersThoseWhoWait() {
        pending = new CompletableFuture<>();
        PollSource closed = source(polling(A), DaemonThreads.scheduler("polls-of-a-test"));
        CompletableFuture<PollOutcome> answer = closed.refresh(new RepositoryName(A), REQUEST);

        closed.close();

        assertThat(List.of(answer, closed.refresh(new RepositoryName(A), REQUEST)))
                .allSatisfy(each -> assertThat(each)
                        .isCompletedWithValueMatching(outcome -> outcome instanceof NotAnnounced no
                                && no.why() instanceof Unavailable now
                                && now.reason() == Reason.SHUTTING_DOWN));
    }

    @Test
    void aReloadAddsAndRemovesRepositoriesAndKeepsTheOthers() {
        serve(A, 1);
        serve(B, 1);
        thread.letPass(MINUTE.multipliedBy(2));
        reload(polled(A, MINUTE), polled(B, MINUTE));
        thread.letPass(MINUTE.multipliedBy(2));
        assertThat(log.calls).containsExactly("append a.example.org 1", "append b.example.org 1");

        reload(polled(B, MINUTE));
        thread.letPass(Duration.ofSeconds(1));
        reads.clear();
        thread.letPass(MINUTE.multipliedBy(3));

        assertThat(reads).isNotEmpty().allSatisfy(read -> assertThat(read).endsWith(B));
        assertThat(meters.get("cvmfs_notify_polled_repositories").gauge().value())
                .isEqualTo(1);
    }

    @Test
    void withQueuesARepositoryIsFollowedBeforeItsFirstRead() {
        log.setKind("queue");
        serve(A, 1);
        thread.letPass(Duration.ofSeconds(3));
        assertThat(log.calls).containsExactly("follow a.example.org");

        append(A, 1);
        thread.letPass(MINUTE);

        assertThat(log.messages).as("another proxy's, which came meanwhile").hasSize(1);
        assertThat(reads).isNotEmpty();
    }

    @Test
    void withQueuesARefreshWaitsForWhatOtherProxiesHaveAnnounced() {
        reload(new RepositoryConfig(
                new RepositoryPattern(A),
                Verify.OFF,
                "http://s0.example.org/@fqrn@",
                List.of(),
                false,
                Optional.empty()));
        log.setKind("queue");
        serve(A, 1);

        CompletableFuture<PollOutcome> answer = source.refresh(new RepositoryName(A), REQUEST);
        thread.run();
        append(A, 2);
        thread.letPass(ManifestPoller.NOT_READY_PAUSE);

        assertThat(answer).isCompletedWithValueMatching(Older.class::isInstance);
        assertThat(log.calls).containsExactly("follow a.example.org", "append a.example.org 2");
    }

    /** Returns after the thread has done what it can. */
    private CompletableFuture<PollOutcome> refresh(String name) {
        CompletableFuture<PollOutcome> answer = source.refresh(new RepositoryName(name), REQUEST);
        thread.letPass(ManifestPoller.SHORTEST_INTERVAL);
        return answer;
    }

    private CompletableFuture<FetchedManifest> read(RepositoryLocation location, @Nullable FetchedManifest previous) {
        reads.add(location.toString());
        String name = location.toString().replaceAll(".*/", "");
        CompletableFuture<FetchedManifest> withheld = pending;
        if (withheld != null) {
            return withheld;
        }
        RuntimeException failure = failing.get(name);
        FetchedManifest manifest = served.get(name);
        return failure == null && manifest != null
                ? CompletableFuture.completedFuture(manifest)
                : CompletableFuture.failedFuture(
                        failure == null ? new TransientFailureException("no answer") : failure);
    }

    private void serve(String name, long revision) {
        served.put(name, manifests.of(name, revision));
    }

    private void append(String name, long revision) {
        log.append(ActivityMessage.announce(manifests.of(name, revision).bytes(), InMemoryActivityLog.NOW))
                .join();
    }

    private void reload(RepositoryConfig... entries) {
        source.prepare(TestConfigs.standalone(0).withAccess(access(entries))).run();
        thread.run();
    }

    private static AccessConfig polling(String name) {
        return access(polled(name, MINUTE));
    }

    private static RepositoryConfig polled(String name, Duration interval) {
        return new RepositoryConfig(
                new RepositoryPattern(name),
                Verify.OFF,
                "http://s0.example.org/@fqrn@",
                List.of(),
                false,
                Optional.of(interval));
    }

    private static AccessConfig access(RepositoryConfig... entries) {
        AccessConfig open = Accesses.everyone();
        return new AccessConfig(
                open.anonymousPublish(),
                open.anonymousSubscribe(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(entries),
                open.trust(),
                Optional.empty());
    }

    private double count(String outcome) {
        return meters.get("cvmfs_notify_polls")
                .tag("outcome", outcome)
                .counter()
                .count();
    }
}
