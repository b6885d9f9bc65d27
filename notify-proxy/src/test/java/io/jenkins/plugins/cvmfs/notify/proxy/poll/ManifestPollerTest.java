package io.jenkins.plugins.cvmfs.notify.proxy.poll;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.transport.FetchedManifest;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hosts that answer when the test says so, on a thread and a clock moved by hand. */
class ManifestPollerTest {

    private static final Duration MINUTE = Duration.ofMinutes(1);

    @TempDir
    Path folder;

    private final HandMovedThread thread = new HandMovedThread();
    private final List<Read> reads = new ArrayList<>();
    private final ManifestPoller<String> poller =
            new ManifestPoller<>(this::read, thread.executor(), thread::nanoTime, new Random(1));

    @AfterEach
    void close() {
        thread.close();
    }

    @Test
    void eachRepositoryIsReadOnceInItsInterval() {
        started("one", "a");
        started("one", "b");

        answerAllFor(MINUTE.multipliedBy(10));

        assertThat(readsOf("a")).hasSizeBetween(9, 12);
        assertThat(readsOf("b")).hasSizeBetween(9, 12);
    }

    @Test
    void aHostIsAskedOneThingAtATimeAndOthersDoNotWaitForIt() {
        started("one", "a");
        started("one", "b");
        started("two", "c");

        thread.letPass(MINUTE);

        assertThat(open()).hasSize(2).extracting(Read::host).containsExactlyInAnyOrder("one", "two");
        assertThat(poller.waiting()).isEqualTo(1);
        Read first = readsAt("one").get(0);
        first.answer();
        assertThat(readsAt("one")).hasSize(2).extracting(Read::name).containsExactlyInAnyOrder("a", "b");
        assertThat(poller.waiting()).isZero();
    }

    @Test
    void readsBeginTogetherSoThatTheyCostLess() {
        for (int i = 0; i < 100; i++) {
            started("one", "r" + i);
        }

        answerAllFor(MINUTE.multipliedBy(2));

        assertThat(reads)
                .hasSizeGreaterThan(150)
                .allSatisfy(read -> assertThat(read.begun().toMillis() % 2_000).isZero());
    }

    @Test
    void theLastManifestIsPassedOnSoThatTheHostCanSayThatItIsTheSame() {
        started("one", "a");
        thread.letPass(MINUTE);

        assertThat(reads.get(0).previous).isNull();
        FetchedManifest manifest = reads.get(0).answer();
        thread.letPass(MINUTE.multipliedBy(2));

        assertThat(reads.get(1).previous).isSameAs(manifest);
    }

    @Test
    void aRepositoryIsNotReadWhileItsLastManifestIsBeingHandled() {
        Handler a = started("one", "a");
        a.handling = new CompletableFuture<>();
        thread.letPass(MINUTE);
        reads.get(0).answer();

        thread.letPass(MINUTE.multipliedBy(5));
        assertThat(reads).hasSize(1);
        a.handling.complete("handled");
        thread.letPass(MINUTE.multipliedBy(2));

        assertThat(reads).hasSize(2);
    }

    @Test
    void aHostThatFailsIsLeftAloneForLongerEachTimeAndIsThenAskedByAllThatWait() {
        started("one", "a");
        started("one", "b");
        started("two", "c");
        thread.letPass(MINUTE);
        readsAt("two").get(0).answer();

        readsAt("one").get(0).fail(unreachable());
        assertThat(poller.failing()).isEqualTo(1);
        List<Duration> pauses = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Duration failedAt = thread.passed();
            int before = readsAt("one").size();
            while (readsAt("one").size() == before) {
                thread.letPass(Duration.ofMillis(100));
                answerAll("two");
            }
            pauses.add(thread.passed().minus(failedAt));
            readsAt("one").get(before).fail(unreachable());
        }

        assertThat(pauses.get(0)).isLessThanOrEqualTo(ManifestPoller.FIRST_PAUSE.plusMillis(100));
        assertThat(pauses.get(9)).isGreaterThan(ManifestPoller.LONGEST_PAUSE.dividedBy(2));
        assertThat(pauses)
                .allSatisfy(
                        pause -> assertThat(pause).isLessThanOrEqualTo(ManifestPoller.LONGEST_PAUSE.plusMillis(100)));
        assertThat(readsAt("two").size()).isGreaterThan(5);
        thread.letPass(ManifestPoller.LONGEST_PAUSE);
        int before = readsAt("one").size();
        answerAll("one");
        assertThat(readsAt("one")).hasSize(before + 1);
        assertThat(poller.failing()).isZero();
    }

    @Test
    void aRepositoryThatIsMissingDoesNotKeepOthersOfItsHostWaiting() {
        started("one", "a");
        started("one", "b");
        thread.letPass(MINUTE);

        reads.get(0).fail(new PermanentFailureException("an unexpected status"));

        assertThat(reads).hasSize(2);
        assertThat(poller.failing()).isZero();
    }

    @Test
    void whatIsAskedForIsReadFirst() {
        started("one", "a");
        started("one", "b");
        thread.letPass(MINUTE);
        var asked = poll("one", "c", new Handler()).now();
        thread.run();

        reads.get(0).answer();

        assertThat(reads.get(1).name()).isEqualTo("c");
        reads.get(1).answer();
        assertThat(asked).isCompletedWithValue("handled");
        assertThat(reads).hasSize(3);
    }

    @Test
    void whoAsksGetsTheAnswerOfAReadThatBeginsAfterwardsAndSeveralShareIt() {
        ManifestPoller<String>.Poll poll = poll("one", "a", new Handler());
        var first = poll.now();
        thread.run();

        var second = poll.now();
        var third = poll.now();
        reads.get(0).answer();
        assertThat(first).isCompleted();
        assertThat(second).isNotDone();
        thread.letPass(ManifestPoller.SHORTEST_INTERVAL);
        reads.get(1).answer();

        assertThat(second).isCompleted();
        assertThat(third).isCompleted();
        assertThat(reads).hasSize(2);
    }

    @Test
    void howeverOftenARepositoryIsAskedForItIsReadOnceASecond() {
        ManifestPoller<String>.Poll poll = poll("one", "a", new Handler());
        for (int i = 0; i < 100; i++) {
            var unused = poll.now();
            thread.letPass(Duration.ofMillis(100));
            answerAll("one");
        }

        assertThat(reads).hasSizeBetween(9, 11);
    }

    @Test
    void aHostThatIsLeftAloneIsAskedAllTheSameIfARefreshAsksForIt() {
        started("one", "a");
        thread.letPass(MINUTE);
        for (int i = 0; i < 10; i++) {
            reads.get(reads.size() - 1).fail(unreachable());
            thread.letPass(ManifestPoller.LONGEST_PAUSE);
        }
        reads.get(reads.size() - 1).fail(unreachable());

        var asked = poll("one", "b", new Handler()).now();
        thread.run();
        assertThat(open()).singleElement().extracting(Read::name).isEqualTo("b");
        answerAll("one");

        assertThat(asked).isCompleted();
    }

    @Test
    void allThatAskAHostThatFailsAreToldAtOnce() {
        Handler handler = new Handler();
        List<CompletableFuture<String>> asked = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            asked.add(poll("one", "r" + i, handler).now());
        }
        thread.run();

        reads.get(0).fail(unreachable());

        assertThat(reads).hasSize(1);
        assertThat(asked).allSatisfy(answer -> assertThat(answer).isCompletedWithValue("failed"));
        assertThat(poller.waiting()).isZero();
    }

    @Test
    void whileItsHandlerIsNotReadyARepositoryIsNotReadAndSoonAfterwardsItIs() {
        Handler a = new Handler();
        a.isReady = false;
        poll("one", "a", a).every(Duration.ofHours(1), Duration.ZERO);

        thread.letPass(MINUTE);
        assertThat(reads).isEmpty();
        a.isReady = true;
        thread.letPass(Duration.ofSeconds(7));

        assertThat(reads).hasSize(1);
    }

    @Test
    void aHandlerCanHaveItsNextReadSooner() {
        Handler a = new Handler();
        ManifestPoller<String>.Poll poll = poll("one", "a", a);
        poll.every(Duration.ofHours(1), Duration.ZERO);
        thread.letPass(Duration.ofSeconds(2));
        a.beforeAnswer = () -> poll.within(Duration.ofSeconds(5));

        answerAll("one");
        thread.letPass(Duration.ofSeconds(8));

        assertThat(reads).hasSize(2);
    }

    @Test
    void whatIsStoppedIsNotReadAgainAndItsHostNoLongerCounts() {
        Handler a = new Handler();
        ManifestPoller<String>.Poll poll = poll("one", "a", a);
        poll.every(MINUTE, Duration.ZERO);
        thread.letPass(Duration.ofSeconds(2));
        reads.get(0).fail(unreachable());
        assertThat(poller.failing()).isEqualTo(1);

        poll.stop();
        thread.letPass(ManifestPoller.LONGEST_PAUSE);

        assertThat(reads).hasSize(1);
        assertThat(poller.failing()).isZero();
        assertThat(poller.waiting()).isZero();
    }

    @Test
    void aReadThatIsAskedForIsAnsweredThoughItsPollIsStopped() {
        ManifestPoller<String>.Poll poll = poll("one", "a", new Handler());
        var first = poll.now();
        thread.run();
        reads.get(0).answer();
        var second = poll.now();
        thread.run();

        poll.stop();
        thread.letPass(ManifestPoller.SHORTEST_INTERVAL);
        reads.get(1).answer();

        assertThat(first).isCompleted();
        assertThat(second).isCompleted();
    }

    private Handler started(String host, String name) {
        Handler handler = new Handler();
        poll(host, name, handler).every(MINUTE, MINUTE.dividedBy(2));
        thread.run();
        return handler;
    }

    private ManifestPoller<String>.Poll poll(String host, String name, Handler handler) {
        return poller.poll(RepositoryLocation.parse("http://%s.example.org/cvmfs/%s".formatted(host, name)), handler);
    }

    private static TransientFailureException unreachable() {
        return new TransientFailureException("connection refused");
    }

    private CompletableFuture<FetchedManifest> read(RepositoryLocation location, @Nullable FetchedManifest previous) {
        Read read = new Read(location, previous, thread.passed());
        reads.add(read);
        return read.result;
    }

    private List<Read> open() {
        return reads.stream().filter(read -> !read.result.isDone()).toList();
    }

    private List<Read> readsAt(String host) {
        return reads.stream().filter(read -> read.host().equals(host)).toList();
    }

    private List<Read> readsOf(String name) {
        return reads.stream().filter(read -> read.name().equals(name)).toList();
    }

    private void answerAll(String host) {
        open().stream().filter(read -> read.host().equals(host)).forEach(Read::answer);
    }

    private void answerAllFor(Duration time) {
        Duration end = thread.passed().plus(time);
        while (thread.passed().compareTo(end) < 0) {
            thread.letPass(Duration.ofMillis(100));
            while (!open().isEmpty()) {
                open().get(0).answer();
            }
        }
    }

    private final class Read {

        private final RepositoryLocation location;
        private final @Nullable FetchedManifest previous;
        private final Duration begun;
        private final CompletableFuture<FetchedManifest> result = new CompletableFuture<>();

        Read(RepositoryLocation location, @Nullable FetchedManifest previous, Duration begun) {
            this.location = location;
            this.previous = previous;
            this.begun = begun;
        }

        String host() {
            return location.toString().replaceAll("http://(.*)\\.example.*", "$1");
        }

        String name() {
            return location.toString().replaceAll(".*/", "");
        }

        Duration begun() {
            return begun;
        }

        FetchedManifest answer() {
            try (Manifests manifests = new Manifests(folder)) {
                FetchedManifest manifest = previous == null ? manifests.of("a.example.org", 1) : previous;
                result.complete(manifest);
                thread.run();
                return manifest;
            }
        }

        void fail(NotifyException cause) {
            result.completeExceptionally(cause);
            thread.run();
        }
    }

    private static final class Handler implements ManifestPoller.Handler<String> {

        private boolean isReady = true;
        private Runnable beforeAnswer = () -> {};
        private CompletableFuture<String> handling = CompletableFuture.completedFuture("handled");

        @Override
        public boolean isReady() {
            return isReady;
        }

        @Override
        public CompletableFuture<String> read(FetchedManifest manifest, boolean isAsked) {
            beforeAnswer.run();
            return handling;
        }

        @Override
        public CompletableFuture<String> failed(NotifyException cause) {
            return CompletableFuture.completedFuture("failed");
        }
    }
}
