package io.jenkins.plugins.cvmfs.notify.proxy.publish;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Caller;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Denial;
import io.jenkins.plugins.cvmfs.notify.proxy.access.RateLimiter;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.AnonymousPublish;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.Grants;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.TokenConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryLimits;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryPattern;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Secret;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TokenHash;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Redeliveries;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogRefusalException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Activities;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Accepted;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Invalid;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Reason;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Refused;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.TooLarge;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishOutcome.Unavailable;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishService.PendingPublishes;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishService.PendingPublishes.Entry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class PublishServiceTest {

    private static final String NAME = "test.example.org";

    /** No JSON, which is found out only by parsing it. */
    private static final byte[] LONG = "x".repeat(100_000).getBytes(UTF_8);

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final InMemoryActivityLog log = new InMemoryActivityLog();
    private final FanOut fanOut = new FanOut(
            TestConfigs.repositories(2),
            Duration.ofSeconds(1),
            Long.MAX_VALUE,
            Redeliveries.off(),
            Clock.systemUTC(),
            meters);
    private final PublishService publishService = Accesses.publishing(log, fanOut, Accesses.everyone(), 2, meters);

    @Test
    void aMessageIsAcceptedOnceTheLogHasConfirmedIt() {
        log.holdConfirms();

        CompletableFuture<PublishOutcome> outcome = publish(NAME, 7);

        assertThat(outcome).isNotDone();
        assertThat(meters.get("cvmfs_notify_publishes_pending").gauge().value()).isEqualTo(1);
        log.confirmOne();
        assertThat(outcome).isCompletedWithValueMatching(Accepted.class::isInstance);
        assertThat(published("accepted")).isEqualTo(1);
        assertThat(meters.get("cvmfs_notify_publishes_pending").gauge().value()).isZero();
    }

    @Test
    void eachPublishLeavesALineWithItsRepositoryItsEndAndItsAddress() {
        PublishService.Limits limits =
                new PublishService.Limits(2, new RateLimiter<>(1, () -> 0), new RateLimiter<>(0));
        PublishService service = Accesses.publishing(log, fanOut, Accesses.everyone(), limits, Runnable::run, meters);
        List<String> said = linesOf(() -> {
            for (int revision = 1; revision <= 11; revision++) {
                log.failAppends(revision == 1 ? null : new LogUnavailableException("the broker is unreachable", null));
                var unused = service.submit(Activities.message(NAME, revision).raw(), Accesses.stranger(), List.of());
            }
        });

        assertThat(said.get(0))
                .startsWith("announcement accepted ")
                .contains("repository=\"" + NAME + "\"", "revision=\"1\"", "address=");
        assertThat(said.get(1))
                .startsWith("publish refused ")
                .contains("repository=\"" + NAME + "\"", "reason=\"log_unavailable\"", "address=");
        assertThat(said.get(10)).startsWith("publish refused ").contains("reason=\"too_many_of_publisher\"");
    }

    /** Messages that could not be parsed had no reason, and what the log refused had neither address nor repository. */
    @Test
    void eachRefusalLeavesALineWithTheOutcomeThatTheMetricCounts() {
        Executor full = task -> {
            throw new RejectedExecutionException();
        };
        PublishService admitting =
                Accesses.publishing(log, fanOut, Accesses.everyone(), 2, full, new SimpleMeterRegistry());
        log.failAppends(new LogRefusalException(LogRefusalException.Why.LOOP, "it has passed relay 'a'", null));

        List<String> said = linesOf(() -> {
            publishService
                    .submit(new byte[] {'{'}, Accesses.stranger(), List.of())
                    .join();
            publish(NAME, 7).join();
            admitting.submit(LONG, Accesses.stranger(), List.of()).join();
        });

        assertThat(said).hasSize(3).allMatch(line -> line.startsWith("publish refused "));
        assertThat(said.get(0)).contains("address=\"203.0.113.9\"", "reason=\"invalid\"");
        assertThat(said.get(1))
                .contains("repository=\"" + NAME + "\"", "address=\"203.0.113.9\"", "reason=\"relay_loop\"");
        assertThat(said.get(2)).contains("address=\"203.0.113.9\"", "reason=\"too_many_pending\"");
    }

    private static List<String> linesOf(Runnable publishes) {
        Logger logger = (Logger) LoggerFactory.getLogger("io.jenkins.plugins.cvmfs.notify");
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        logger.addAppender(lines);
        try {
            publishes.run();
        } finally {
            logger.detachAppender(lines);
        }
        return lines.list.stream()
                .map(line -> line.getMessage() + " " + line.getKeyValuePairs())
                .toList();
    }

    @Test
    void theLogIsLeftToFollowARepositoryThatIsPublished() {
        submit(NAME, 7);

        assertThat(log.calls).containsExactly("append " + NAME + " 7");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{\"version\":1}", "null"})
    void whatIsNoActivityMessageIsInvalidAndDoesNotReachTheLog(String body) {
        CompletableFuture<PublishOutcome> outcome =
                publishService.submit(body.getBytes(UTF_8), Accesses.stranger(), List.of());

        assertThat(outcome.join()).isInstanceOf(Invalid.class);
        assertThat(log.calls).isEmpty();
        assertThat(published("invalid")).isEqualTo(1);
    }

    @Test
    void aMessageOverTheLimitIsTooLarge() {
        CompletableFuture<PublishOutcome> outcome =
                publishService.submit(new byte[ActivityMessage.MAX_BYTES + 1], Accesses.stranger(), List.of());

        assertThat(outcome.join()).isInstanceOf(TooLarge.class);
        assertThat(published("too_large")).isEqualTo(1);
    }

    @Test
    void aLongBodyOfSomebodyWithoutAnyRightIsNotParsed() {
        AccessConfig closed = TestConfigs.access(AnonymousPublish.NOBODY);

        PublishOutcome outcome = publishService(closed)
                .submit(LONG, Accesses.stranger(), List.of())
                .join();

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Refused.class, no -> assertThat(no.reason()).isEqualTo(Denial.CREDENTIALS_NEEDED));
    }

    @Test
    void aLongBodyOfSomebodyWhoHasOnlyASignatureIsNotParsed() {
        AccessConfig onlyVerified = TestConfigs.access(AnonymousPublish.VERIFIED);

        PublishOutcome outcome = publishService(onlyVerified)
                .submit(LONG, Accesses.stranger(), List.of())
                .join();

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        TooLarge.class, no -> assertThat(no.detail()).contains("without credentials"));
    }

    @Test
    void aLongBodyIsParsedElsewhereAndAShortOneAtOnce() {
        Queue<Runnable> elsewhere = new ArrayDeque<>();
        PublishService queueing =
                Accesses.publishing(log, fanOut, Accesses.everyone(), 2, elsewhere::add, new SimpleMeterRegistry());
        byte[] message = Activities.message(NAME, 7).raw();
        byte[] padded = Arrays.copyOf(message, PublishService.SHORT_BYTES);
        Arrays.fill(padded, message.length, padded.length, (byte) ' ');

        assertThat(queueing.submit(padded, Accesses.stranger(), List.of()))
                .isCompletedWithValueMatching(Accepted.class::isInstance);
        CompletableFuture<PublishOutcome> invalid = queueing.submit(LONG, Accesses.stranger(), List.of());

        assertThat(invalid).isNotDone();
        elsewhere.remove().run();
        assertThat(invalid).isCompletedWithValueMatching(Invalid.class::isInstance);
    }

    @Test
    void onlySoManyLongBodiesMayWaitToBeParsed() {
        Executor full = task -> {
            throw new RejectedExecutionException();
        };
        PublishService admitting =
                Accesses.publishing(log, fanOut, Accesses.everyone(), 2, full, new SimpleMeterRegistry());

        assertThat(admitting.submit(LONG, Accesses.stranger(), List.of()).join())
                .isInstanceOfSatisfying(
                        Unavailable.class, no -> assertThat(no.reason()).isEqualTo(Reason.TOO_MANY_PENDING));
    }

    private PublishService publishService(AccessConfig config) {
        return Accesses.publishing(log, fanOut, config, 2, new SimpleMeterRegistry());
    }

    @Test
    void whenTheLogCannotConfirmThePublisherIsToldWhyAndWhenToTryAgain() {
        log.failAppends(new LogUnavailableException("the broker is not connected", null));

        PublishOutcome outcome = publish(NAME, 7).join();

        assertThat(outcome)
                .isEqualTo(
                        new Unavailable(Reason.LOG_UNAVAILABLE, "the broker is not connected", Duration.ofSeconds(1)));
        assertThat(published("log_unavailable")).isEqualTo(1);
        assertThat(meters.get("cvmfs_notify_publishes_pending").gauge().value()).isZero();
    }

    @Test
    void aFailureTheLogShouldNotHaveShowsNothingOfItselfToThePublisher() {
        log.failAppends(new IllegalStateException("password is hunter2"));

        PublishOutcome outcome = publish(NAME, 7).join();

        assertThat(outcome)
                .isEqualTo(new Unavailable(Reason.LOG_UNAVAILABLE, "the activity log failed", Duration.ofSeconds(1)));
    }

    @Test
    void onlySoManyPublishesMayWaitForTheLog() {
        log.holdConfirms();
        submit(NAME, 1);
        submit(NAME, 2);

        CompletableFuture<PublishOutcome> third = publish(NAME, 3);

        assertThat(third.join())
                .isInstanceOfSatisfying(
                        Unavailable.class, no -> assertThat(no.reason()).isEqualTo(Reason.TOO_MANY_PENDING));
        log.confirmOne();
        assertThat(publish(NAME, 4)).isNotDone();
    }

    @Test
    void aNewRepositoryOverTheLimitIsRefusedAndKnownOnesGoOn() {
        log.start(fanOut);
        submit("a.example.org", 1);
        submit("b.example.org", 1);

        PublishOutcome third = publish("c.example.org", 1).join();

        assertThat(third)
                .isInstanceOfSatisfying(
                        Unavailable.class, no -> assertThat(no.reason()).isEqualTo(Reason.TOO_MANY_REPOSITORIES));
        assertThat(publish("a.example.org", 2).join()).isInstanceOf(Accepted.class);
    }

    /** 10,010 publishes of new names got 200 with a limit of 10,000. */
    @Test
    void newRepositoriesOnTheirWayIntoTheLogCountToo() {
        PublishService wide = Accesses.publishing(log, fanOut, Accesses.everyone(), 10, new SimpleMeterRegistry());
        log.holdConfirms();
        List<CompletableFuture<PublishOutcome>> outcomes = Stream.of("a", "b", "c")
                .map(name ->
                        wide.submit(Activities.message(name + ".example.org", 1).raw(), Accesses.stranger(), List.of()))
                .toList();

        assertThat(outcomes.get(2))
                .isCompletedWithValueMatching(
                        outcome -> outcome instanceof Unavailable no && no.reason() == Reason.TOO_MANY_REPOSITORIES);
        assertThat(log.calls).containsExactly("append a.example.org 1", "append b.example.org 1");
        log.confirmOne();
        log.confirmOne();
        assertThat(meters.get("cvmfs_notify_repositories").gauge().value())
                .as("the log delivered none of them")
                .isZero();
    }

    @Test
    void whatDoesNotFitBesideTheOtherLastValuesIsRefusedBeforeTheLogHasIt() {
        FanOut small = new FanOut(
                new RepositoryLimits(10, 128 * 1024, 0, 0),
                Duration.ofSeconds(1),
                Long.MAX_VALUE,
                Redeliveries.off(),
                Clock.systemUTC(),
                new SimpleMeterRegistry());
        SimpleMeterRegistry own = new SimpleMeterRegistry();
        PublishService tight = Accesses.publishing(log, small, Accesses.everyone(), 10, own);
        log.start(small);
        tight.submit(Activities.message("a.example.org", 1, 60_000).raw(), Accesses.stranger(), List.of())
                .join();

        PublishOutcome second = tight.submit(
                        Activities.message("b.example.org", 1, 60_000).raw(), Accesses.stranger(), List.of())
                .join();

        assertThat(second).isInstanceOfSatisfying(Unavailable.class, no -> {
            assertThat(no.reason()).isEqualTo(Reason.LAST_VALUES_FULL);
            assertThat(no.detail()).contains("limits.max_last_value_bytes");
        });
        assertThat(log.calls).containsExactly("append a.example.org 1");
        assertThat(own.get("cvmfs_notify_publishes")
                        .tag("outcome", "last_values_full")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void drainingRefusesNewPublishesAndWaitsForPendingOnes() {
        log.holdConfirms();
        CompletableFuture<PublishOutcome> pending = publish(NAME, 1);

        CompletableFuture<Void> drained = publishService.drain();

        assertThat(drained).isNotDone();
        assertThat(publishService.isDraining()).isTrue();
        assertThat(publish(NAME, 2).join())
                .isInstanceOfSatisfying(
                        Unavailable.class, no -> assertThat(no.reason()).isEqualTo(Reason.SHUTTING_DOWN));
        assertThat(drained).isNotDone();
        log.confirmOne();
        assertThat(drained).isCompleted();
        assertThat(pending.join()).isInstanceOf(Accepted.class);
    }

    @Test
    void drainingWithNothingPendingIsDoneAtOnce() {
        assertThat(publishService.drain()).isCompleted();
    }

    private void submit(String repository, long revision) {
        var unused = publish(repository, revision);
    }

    private CompletableFuture<PublishOutcome> publish(String repository, long revision) {
        return publishService.submit(Activities.message(repository, revision).raw(), Accesses.stranger(), List.of());
    }

    private double published(String outcome) {
        return meters.get("cvmfs_notify_publishes")
                .tag("outcome", outcome)
                .counter()
                .count();
    }

    @Test
    void whatThisProxyDoesNotKnowIsForgottenByTheOthersWhereItMayKnowLess() {
        TokenHash.Minted token = TokenHash.mint();
        Grants all = new Grants(List.of(), List.of(), List.of(new RepositoryPattern("*")), List.of());
        AccessConfig config = TestConfigs.access().withTokens(List.of(new TokenConfig("admin", token.hash(), all)));
        Caller admin = new Caller(
                Accesses.stranger().peer(),
                List.of(new Secret("Bearer " + token.token().value())),
                false);
        RepositoryName unknown = new RepositoryName(NAME);

        for (String kind : List.of("journal", "stream")) {
            log.setKind(kind);
            assertThat(publishService(config).forget(unknown, admin))
                    .isCompletedWithValue(new PublishOutcome.UnknownRepository());
        }
        assertThat(log.calls).isEmpty();
        log.setKind("queue");
        assertThat(publishService(config).forget(unknown, admin)).isCompletedWithValue(new Accepted());
        assertThat(log.calls).containsExactly("forget " + NAME);
    }

    private static int beginAll(PendingPublishes pending, boolean ofStranger) {
        int begun = 0;
        while (begun < 100 && pending.begin(ofStranger) == Entry.BEGUN) {
            begun++;
        }
        return begun;
    }

    @Test
    void strangersTakeHalfOfThePlaces() {
        PendingPublishes pending = new PendingPublishes(10);
        assertThat(beginAll(pending, true)).isEqualTo(5);
        assertThat(beginAll(pending, false)).isEqualTo(5);
        assertThat(pending.count()).isEqualTo(10);

        pending.end(true);

        assertThat(beginAll(pending, true)).isEqualTo(1);
    }

    @Test
    void withoutStrangersAllPlacesAreForTheOthers() {
        PendingPublishes pending = new PendingPublishes(10);
        assertThat(beginAll(pending, false)).isEqualTo(10);
        assertThat(pending.begin(true)).isEqualTo(Entry.FULL);
        pending.end(false);
        assertThat(pending.begin(true)).isEqualTo(Entry.BEGUN);
    }
}
