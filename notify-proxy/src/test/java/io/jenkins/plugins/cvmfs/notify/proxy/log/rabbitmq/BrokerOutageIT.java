package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.AmqpSettings;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.NeedsRabbitMq;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.OwnedBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@NeedsRabbitMq(owned = true)
class BrokerOutageIT {

    private static final String REPOSITORY = "a.example.org";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final OwnedBroker broker;

    @TempDir
    Path one;

    @TempDir
    Path two;

    BrokerOutageIT(OwnedBroker broker) {
        this.broker = broker;
    }

    @AfterEach
    void startBroker() {
        broker.start();
    }

    @ParameterizedTest
    @EnumSource
    void whatIsAnsweredWithSuccessWhileTheBrokerIsKilledReachesEveryProxyAndNothingTwice(Mode mode) {
        AmqpSettings amqp = mode.on(broker);
        try (LogUnderTest first = LogUnderTest.ready(amqp, one);
                LogUnderTest second = LogUnderTest.ready(amqp, two)) {
            List<String> repositories = List.of("a.example.org", "b.example.org", "c.example.org", "d.example.org");
            first.follow(repositories.toArray(String[]::new));
            second.follow(repositories.toArray(String[]::new));
            UnderLoad load = new UnderLoad();
            try (load) {
                load.publish("a.example.org", revision -> first.isAppended("a.example.org", revision))
                        .publish("b.example.org", revision -> second.isAppended("b.example.org", revision))
                        .publish("c.example.org", revision -> first.isAppended("c.example.org", revision))
                        .publish("d.example.org", revision -> second.isAppended("d.example.org", revision));
                for (int outage = 0; outage < 2; outage++) {
                    load.awaitSuccesses(200);
                    broker.kill();
                    broker.start();
                }
                load.awaitSuccesses(200);
            }

            first.awaitReady();
            second.awaitReady();
            assertThat(load.accepted()).containsOnlyKeys(repositories);
            for (LogUnderTest log : List.of(first, second)) {
                load.accepted()
                        .forEach((repository, revision) -> LogUnderTest.await()
                                .untilAsserted(
                                        () -> assertThat(lastRevisions(log).get(repository))
                                                .isGreaterThanOrEqualTo(revision)));
                assertThat(log.tail.texts()).doesNotHaveDuplicates();
                assertThat(log.tail.announcements())
                        .extracting(a -> a.position())
                        .doesNotHaveDuplicates();
                assertRevisionsGrow(log);
            }
        }
    }

    private static Map<String, Integer> lastRevisions(LogUnderTest log) {
        Map<String, Integer> last = new HashMap<>();
        log.tail
                .announcements()
                .forEach(a -> last.put(a.message().repository().value(), (int)
                        a.message().revision().bits()));
        return last;
    }

    private static void assertRevisionsGrow(LogUnderTest log) {
        Map<String, Long> last = new HashMap<>();
        log.tail.announcements().forEach(a -> {
            Long before = last.put(
                    a.message().repository().value(), a.message().revision().bits());
            assertThat(a.message().revision().bits()).isGreaterThan(before == null ? 0 : before);
        });
    }

    @ParameterizedTest
    @EnumSource
    void aPublishOutlastsAnOutageShorterThanItsTimeLimit(Mode mode) {
        AmqpSettings amqp = mode.on(broker).confirmTimeout(PATIENCE);
        try (LogUnderTest log = LogUnderTest.ready(amqp)) {
            broker.kill();
            CompletableFuture<Void> during = log.append(REPOSITORY, 1);
            broker.start();

            assertThat(during).succeedsWithin(PATIENCE);
            assertThat(log.tail.texts()).containsExactly(REPOSITORY + " revision 1");
        }
    }

    @ParameterizedTest
    @EnumSource
    void whileTheBrokerIsDownPublishesFailInTimeAndAfterwardsSucceed(Mode mode) {
        AmqpSettings amqp = mode.on(broker).confirmTimeout(Duration.ofSeconds(1));
        try (LogUnderTest log = LogUnderTest.ready(amqp)) {
            log.append(REPOSITORY, 1).join();
            broker.kill();
            LogUnderTest.await().until(() -> !log.state().canAppend());

            assertThat(log.append(REPOSITORY, 2))
                    .failsWithin(Duration.ofSeconds(30))
                    .withThrowableThat()
                    .withCauseInstanceOf(LogUnavailableException.class);
            assertThat(log.state().isTailing()).isFalse();
            assertThat(log.state().detail()).contains("cannot reach the broker");
            // By now the outage is longer than the limit, so that nobody has to wait any more.
            LogUnderTest.await().until(() -> log.append(REPOSITORY, 3).isCompletedExceptionally());

            broker.start();
            log.awaitReady();
            log.append(REPOSITORY, 4).join();
            assertThat(log.tail.texts()).containsExactly(REPOSITORY + " revision 1", REPOSITORY + " revision 4");
        }
    }

    @ParameterizedTest
    @EnumSource
    void whileTheBrokerHangsPublishesFailInTimeAndAfterwardsSucceed(Mode mode) {
        AmqpSettings amqp = mode.on(broker).confirmTimeout(Duration.ofSeconds(1));
        try (LogUnderTest log = LogUnderTest.ready(amqp)) {
            broker.freeze();
            try {
                assertThat(log.append(REPOSITORY, 1))
                        .failsWithin(Duration.ofSeconds(30))
                        .withThrowableThat()
                        .withMessageContaining("did not confirm");
            } finally {
                broker.thaw();
            }

            LogUnderTest.await().until(() -> log.isAppended(REPOSITORY, 2));
            log.awaitLast(REPOSITORY, 2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aProxyStartedBeforeTheBrokerConnectsOnceThereIsOne(Mode mode) {
        AmqpSettings amqp = mode.on(broker).confirmTimeout(Duration.ofSeconds(1));
        broker.kill();
        try (LogUnderTest log = LogUnderTest.start(amqp)) {
            assertThat(log.tryToFollow(REPOSITORY)).isCompletedExceptionally();
            assertThat(log.append(REPOSITORY, 1)).failsWithin(Duration.ofSeconds(30));
            assertThat(log.state().isReady()).isFalse();

            broker.start();
            log.awaitReady();
            try (LogUnderTest other = LogUnderTest.ready(amqp)) {
                other.append(REPOSITORY, 2).join();
                log.awaitLast(REPOSITORY, 2);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void lastValuesSurviveARestartOfTheBroker(Mode mode) {
        AmqpSettings amqp = mode.on(broker);
        try (LogUnderTest log = LogUnderTest.ready(amqp)) {
            log.append(REPOSITORY, 3).join();
            broker.kill();
            broker.start();
            log.awaitReady();

            try (LogUnderTest later = LogUnderTest.ready(amqp)) {
                later.awaitLast(REPOSITORY, 3);
            }
            assertThat(log.tail.texts()).hasSize(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void lastValuesSurviveARestartOfEverything(Mode mode) {
        AmqpSettings amqp = mode.on(broker);
        try (LogUnderTest log = LogUnderTest.ready(amqp, one)) {
            log.append(REPOSITORY, 3).join();
        }
        broker.kill();
        broker.start();

        try (LogUnderTest log = LogUnderTest.ready(amqp, one);
                LogUnderTest other = LogUnderTest.ready(amqp, two)) {
            log.awaitLast(REPOSITORY, 3);
            other.awaitLast(REPOSITORY, 3);
            assertThat(log.tail.texts()).hasSize(1);
            assertThat(other.tail.texts()).hasSize(1);
        }
    }
}
