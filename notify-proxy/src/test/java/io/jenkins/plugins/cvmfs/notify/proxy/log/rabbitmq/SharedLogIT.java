package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.AmqpSettings;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.Broker;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.NeedsRabbitMq;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@NeedsRabbitMq
class SharedLogIT {

    private static final String REPOSITORY = "a.example.org";

    private final Broker broker;

    SharedLogIT(Broker broker) {
        this.broker = broker;
    }

    @ParameterizedTest
    @EnumSource
    void whatOneProxyPublishesReachesBothOnceAndInOrder(Mode mode) {
        AmqpSettings amqp = mode.on(broker);
        try (LogUnderTest one = LogUnderTest.ready(amqp);
                LogUnderTest other = LogUnderTest.ready(amqp)) {
            other.follow(REPOSITORY);

            CompletableFuture.allOf(IntStream.rangeClosed(1, 500)
                            .mapToObj(revision -> one.append(REPOSITORY, revision))
                            .toArray(CompletableFuture<?>[]::new))
                    .join();

            other.awaitLast(REPOSITORY, 500);
            String[] all = IntStream.rangeClosed(1, 500)
                    .mapToObj(revision -> REPOSITORY + " revision " + revision)
                    .toArray(String[]::new);
            assertThat(one.tail.texts()).containsExactly(all);
            assertThat(other.tail.texts()).containsExactly(all);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theSameMessagePublishedTwiceIsDeliveredTwice(Mode mode) {
        try (LogUnderTest log = LogUnderTest.ready(mode.on(broker))) {
            log.append(REPOSITORY, 1).join();
            log.append(REPOSITORY, 1).join();

            assertThat(log.tail.texts()).hasSize(2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatTwoProxiesAppendWithOneIdIsDeliveredOnce(Mode mode) {
        AmqpSettings amqp = mode.on(broker);
        try (LogUnderTest one = LogUnderTest.ready(amqp);
                LogUnderTest other = LogUnderTest.ready(amqp)) {
            one.follow(REPOSITORY);
            other.follow(REPOSITORY);
            UUID id = UUID.randomUUID();

            CompletableFuture.allOf(
                            one.append(REPOSITORY, 1, id),
                            one.append(REPOSITORY, 1, id),
                            other.append(REPOSITORY, 1, id))
                    .join();
            one.append(REPOSITORY, 1, id).join();
            one.append(REPOSITORY, 2).join();

            other.awaitLast(REPOSITORY, 2);
            assertThat(one.tail.texts()).containsExactly("a.example.org revision 1", "a.example.org revision 2");
            assertThat(other.tail.texts()).containsExactly("a.example.org revision 1", "a.example.org revision 2");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aProxyThatComesLaterLearnsTheLastValues(Mode mode) {
        AmqpSettings amqp = mode.on(broker);
        try (LogUnderTest first = LogUnderTest.ready(amqp)) {
            first.append(REPOSITORY, 1).join();
            first.append(REPOSITORY, 2).join();
            first.append("b.example.org", 7).join();

            try (LogUnderTest later = LogUnderTest.ready(amqp)) {
                later.awaitLast(REPOSITORY, 2);
                later.awaitLast("b.example.org", 7);
                assertThat(later.tail.texts()).hasSize(2);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aForgottenRepositoryIsForgottenByAllProxiesAndAfterRestarts(
            Mode mode, @TempDir Path oneDir, @TempDir Path otherDir) {
        AmqpSettings amqp = mode.on(broker);
        try (LogUnderTest one = LogUnderTest.ready(amqp, oneDir);
                LogUnderTest other = LogUnderTest.ready(amqp, otherDir)) {
            other.follow(REPOSITORY, "b.example.org");
            one.append(REPOSITORY, 1).join();
            one.append("b.example.org", 7).join();
            other.awaitLast("b.example.org", 7);

            one.forget(REPOSITORY).join();

            assertThat(one.tail.forgotten()).extracting(RepositoryName::value).containsExactly(REPOSITORY);
            LogUnderTest.await().until(() -> other.tail.forgotten().size() == 1);
        }
        try (LogUnderTest one = LogUnderTest.ready(amqp, oneDir);
                LogUnderTest fresh = LogUnderTest.ready(amqp)) {
            fresh.awaitLast("b.example.org", 7);
            assertThat(one.tail.texts()).containsExactly("b.example.org revision 7");
            assertThat(fresh.tail.texts()).containsExactly("b.example.org revision 7");

            one.append(REPOSITORY, 1).join();

            assertThat(one.tail.last(REPOSITORY)).contains(REPOSITORY + " revision 1");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aProxyThatWasOffWhileARepositoryWasForgottenForgetsItWhenItComesBack(
            Mode mode, @TempDir Path oneDir, @TempDir Path otherDir) {
        AmqpSettings amqp = mode.on(broker);
        try (LogUnderTest one = LogUnderTest.ready(amqp, oneDir)) {
            try (LogUnderTest other = LogUnderTest.ready(amqp, otherDir)) {
                other.follow(REPOSITORY);
                one.append(REPOSITORY, 1).join();
                other.awaitLast(REPOSITORY, 1);
            }
            one.forget(REPOSITORY).join();

            try (LogUnderTest other = LogUnderTest.ready(amqp, otherDir)) {
                LogUnderTest.await().until(() -> other.tail.forgotten().size() == 1);
                one.append("b.example.org", 7).join();
                other.follow("b.example.org").awaitLast("b.example.org", 7);
                assertThat(one.tail.texts()).containsExactly(REPOSITORY + " revision 1", "b.example.org revision 7");
            }
        }
    }

    /** The proxies that remember the order keep it in the stream, also for one that has no journal. */
    @Test
    void aForgottenRepositoryStaysForgottenAfterTheStreamHasDroppedTheOrder(@TempDir Path dir) {
        AmqpSettings amqp = Mode.STREAM.on(broker).streamMaxBytes(1024 * 1024);
        try (LogUnderTest one = LogUnderTest.ready(amqp)) {
            try (LogUnderTest off = LogUnderTest.ready(amqp, dir)) {
                one.append(REPOSITORY, 1).join();
                off.awaitLast(REPOSITORY, 1);
            }
            one.forget(REPOSITORY).join();
            appendTenThousand(one);

            try (LogUnderTest off = LogUnderTest.ready(amqp, dir);
                    LogUnderTest fresh = LogUnderTest.ready(amqp)) {
                off.awaitLast("often.example.org", 10_000);
                fresh.awaitLast("often.example.org", 10_000);
                assertThat(off.tail.forgotten())
                        .extracting(RepositoryName::value)
                        .contains(REPOSITORY);
                assertThat(fresh.tail.last(REPOSITORY)).isEmpty();
                assertThat(one.tail.texts().stream().filter(text -> text.startsWith(REPOSITORY)))
                        .hasSize(1);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aProxyThatFollowsARepositoryLaterLearnsItsLastValue(Mode mode) {
        AmqpSettings amqp = mode.on(broker);
        try (LogUnderTest publisher = LogUnderTest.ready(amqp);
                LogUnderTest follower = LogUnderTest.ready(amqp)) {
            publisher.append(REPOSITORY, 5).join();

            follower.follow(REPOSITORY);

            follower.awaitLast(REPOSITORY, 5);
            publisher.append(REPOSITORY, 6).join();
            follower.awaitLast(REPOSITORY, 6);
            assertThat(follower.tail.texts()).hasSize(2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void lastValuesSurviveARestartOfTheOnlyProxy(Mode mode, @TempDir Path stateDir) {
        AmqpSettings amqp = mode.on(broker);
        try (LogUnderTest before = LogUnderTest.ready(amqp, stateDir)) {
            before.append(REPOSITORY, 3).join();
        }

        try (LogUnderTest after = LogUnderTest.ready(amqp, stateDir)) {
            after.awaitLast(REPOSITORY, 3);
            after.append(REPOSITORY, 4).join();
            assertThat(after.tail.texts()).containsExactly(REPOSITORY + " revision 3", REPOSITORY + " revision 4");
        }
    }

    @Test
    void positionsInAStreamAreTheSameForAllProxies() {
        AmqpSettings amqp = Mode.STREAM.on(broker);
        try (LogUnderTest one = LogUnderTest.ready(amqp)) {
            one.append(REPOSITORY, 1).join();
            try (LogUnderTest other = LogUnderTest.ready(amqp)) {
                one.append(REPOSITORY, 2).join();
                other.awaitLast(REPOSITORY, 2);

                // What a proxy has published itself gets its position when it is read.
                LogUnderTest.await()
                        .untilAsserted(() -> assertThat(other.tail.announcements())
                                .extracting(a -> a.position())
                                .isEqualTo(one.tail.announcements().stream()
                                        .map(a -> a.position())
                                        .toList()));
            }
        }
    }

    @Test
    void withAStreamAProxyWithoutAStateFolderLearnsTheLastValuesAfterARestart() {
        AmqpSettings amqp = Mode.STREAM.on(broker);
        try (LogUnderTest before = LogUnderTest.ready(amqp)) {
            before.append(REPOSITORY, 3).join();
        }

        try (LogUnderTest after = LogUnderTest.ready(amqp)) {
            after.awaitLast(REPOSITORY, 3);
        }
    }

    /** Several times what a stream of 1 MiB keeps. */
    private static void appendTenThousand(LogUnderTest log) {
        for (int round = 0; round < 10; round++) {
            int first = round * 1_000 + 1;
            CompletableFuture.allOf(IntStream.range(first, first + 1_000)
                            .mapToObj(revision -> log.append("often.example.org", revision))
                            .toArray(CompletableFuture<?>[]::new))
                    .join();
        }
    }

    @Test
    void theLastValueOfARepositorySeldomPublishedOutlastsWhatTheStreamDrops() {
        AmqpSettings amqp = Mode.STREAM.on(broker).streamMaxBytes(1024 * 1024);
        try (LogUnderTest log = LogUnderTest.ready(amqp)) {
            log.append("seldom.example.org", 1).join();
            appendTenThousand(log);

            try (LogUnderTest later = LogUnderTest.ready(amqp)) {
                later.awaitLast("often.example.org", 10_000);
                later.awaitLast("seldom.example.org", 1);
            }
            assertThat(log.tail.texts().stream().filter(text -> text.startsWith("seldom")))
                    .hasSize(1);
        }
    }

    @Test
    void theLastValueOfARepositorySeldomPublishedOutlastsAFewVeryLongMessages() {
        AmqpSettings amqp = Mode.STREAM.on(broker).streamMaxBytes(1024 * 1024);
        try (LogUnderTest log = LogUnderTest.ready(amqp)) {
            log.append("seldom.example.org", 1).join();
            for (int revision = 1; revision <= 60; revision++) {
                log.append("long.example.org", revision, 60 * 1024).join();
            }

            try (LogUnderTest later = LogUnderTest.ready(amqp)) {
                later.awaitLast("long.example.org", 60);
                later.awaitLast("seldom.example.org", 1);
            }
            assertThat(log.tail.texts().stream().filter(text -> text.startsWith("seldom")))
                    .hasSize(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatEachOfTwoProxiesReceivedAloneBothKnowOnceTheyMeet(Mode mode, @TempDir Path one, @TempDir Path two) {
        AmqpSettings amqp = mode.on(broker);
        try (LogUnderTest alone = LogUnderTest.ready(amqp, one)) {
            alone.append("a.example.org", 1).join();
            alone.append("b.example.org", 1).join();
        }
        try (LogUnderTest alone = LogUnderTest.ready(amqp, two)) {
            alone.append("b.example.org", 2).join();
        }

        try (LogUnderTest first = LogUnderTest.ready(amqp, one);
                LogUnderTest second = LogUnderTest.ready(amqp, two)) {
            first.awaitLast("a.example.org", 1);
            first.awaitLast("b.example.org", 2);
            second.awaitLast("a.example.org", 1);
            second.awaitLast("b.example.org", 2);
        }
    }
}
