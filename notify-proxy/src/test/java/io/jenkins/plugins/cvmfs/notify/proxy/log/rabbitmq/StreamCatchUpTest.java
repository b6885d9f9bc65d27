package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.Forgotten;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.IncomingMessage.Way;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogRecorder;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.BrokerCommands.OutgoingMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.StreamConsumer.StreamMessage;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StreamCatchUpTest {

    private static final String REPOSITORY = "a.example.org";
    private static final UUID OPEN = new UUID(0, 1);

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final OpenPublishes publishes = new OpenPublishes(Duration.ofMinutes(1));
    private final LogRecorder recorder = LogRecorder.open(
            Optional.empty(), TestConfigs.limits().repositories(), 10, Duration.ofMinutes(1), publishes, meters);
    private final StreamCatchUp gap = new StreamCatchUp(
            new MessageReader(recorder, Clock.systemUTC(), meters), publishes::isOpen, Optional.empty());
    private long offset;

    @AfterEach
    void close() {
        recorder.close();
        publishes.close();
    }

    private void read(UUID id) {
        MessageProperties properties =
                MessageProperties.announcement(id, Instant.EPOCH.plusSeconds(offset), Optional.empty());
        byte[] body = Activities.message(REPOSITORY, offset + 1).raw();
        gap.add(new StreamMessage(offset++, REPOSITORY, properties, body));
    }

    private void announce(UUID id, long millis) {
        MessageProperties properties =
                MessageProperties.announcement(id, Instant.ofEpochMilli(millis), Optional.empty());
        gap.add(new StreamMessage(
                offset++,
                REPOSITORY,
                properties,
                Activities.message(REPOSITORY, 1).raw()));
    }

    private void announceWithoutTime() {
        MessageProperties properties = new MessageProperties(null, null, null, false, null);
        gap.add(new StreamMessage(
                offset++,
                REPOSITORY,
                properties,
                Activities.message(REPOSITORY, 1).raw()));
    }

    private void forget(UUID id, long millis) {
        Forgotten order = new Forgotten(new RepositoryName(REPOSITORY), Instant.ofEpochMilli(millis));
        MessageProperties properties = MessageProperties.announcement(id, order.at(), Optional.empty());
        gap.add(new StreamMessage(offset++, RoutingKeys.FORGOTTEN, properties, order.toBytes()));
    }

    @Test
    void anOrderDoesNotConcernWhatWasAcceptedAfterIt() {
        CompletableFuture<Void> answer = publishes.await(OPEN);
        announce(new UUID(0, 2), 1_001);

        forget(OPEN, 1_000);

        assertThat(gap.lastMessages()).hasSize(1);
        assertThat(gap.forgets()).isEmpty();
        assertThat(gap.superseded()).containsExactly(OPEN);
        assertThat(answer).isNotDone();
    }

    @Test
    void anOrderConcernsWhatWasAcceptedBeforeItOrNobodyKnowsWhen() {
        announce(new UUID(0, 2), 1_000);
        forget(new UUID(0, 3), 1_000);

        assertThat(gap.lastMessages()).isEmpty();

        announceWithoutTime();
        forget(new UUID(0, 4), 1_001);

        assertThat(gap.lastMessages()).isEmpty();
        assertThat(gap.forgets()).hasSize(1);
    }

    private void forgetAgain(long millis) {
        OutgoingMessage copy = PeerSync.copy(
                RoutingKeys.FORGOTTEN, new Forgotten(new RepositoryName(REPOSITORY), Instant.ofEpochMilli(millis)));
        gap.add(new StreamMessage(offset++, copy.key(), copy.properties(), copy.body()));
    }

    @Test
    void anOrderThatIsRepeatedConcernsOnlyWhatIsKnownToComeFromBeforeIt() {
        announce(new UUID(0, 2), 1_000);
        forgetAgain(1_000);

        assertThat(gap.lastMessages()).isEmpty();
        assertThat(gap.forgets()).hasSize(1);

        announceWithoutTime();
        forgetAgain(1_000);

        assertThat(gap.lastMessages()).hasSize(1);
    }

    private void known(@Nullable UUID id, long at) throws InterruptedException {
        recorder.start(announcement -> {});
        recorder.put(new IncomingMessage(
                Activities.message(REPOSITORY, 1),
                id,
                Instant.ofEpochMilli(999),
                Way.STREAM,
                new LogPosition(gap.epoch(), at)));
    }

    /** The whole stream is read, but the proxy has read it before. */
    @Test
    void anOrderIsOverIfTheAnnouncementAfterItIsKnown() throws InterruptedException {
        known(new UUID(0, 2), 1);

        forget(new UUID(0, 3), 1_000);
        announce(new UUID(0, 2), 999);

        assertThat(gap.forgets()).isEmpty();
    }

    @Test
    void anOrderIsOverIfALaterPlaceInTheStreamIsKnown() throws InterruptedException {
        known(null, 1);

        forget(new UUID(0, 3), 1_000);
        announceWithoutTime();

        assertThat(gap.forgets()).isEmpty();
    }

    @Test
    void anOrderIsNotOverIfWhatIsKnownIsFromBefore() throws InterruptedException {
        known(new UUID(0, 2), 0);

        announce(new UUID(0, 2), 999);
        forget(new UUID(0, 3), 1_000);
        announce(new UUID(0, 4), 1_001);

        assertThat(gap.forgets()).hasSize(1);
    }

    @Test
    void aCopyThatCameAfterAnOrderBringsNothingBack() throws InterruptedException {
        known(new UUID(0, 2), 0);

        forget(new UUID(0, 3), 1_000);
        MessageProperties copy = MessageProperties.announcement(
                        new UUID(0, 2), Instant.ofEpochMilli(999), Optional.empty())
                .asCopy();
        gap.add(new StreamMessage(
                offset++, REPOSITORY, copy, Activities.message(REPOSITORY, 1).raw()));

        assertThat(gap.forgets()).hasSize(1);
        assertThat(gap.lastMessages()).isEmpty();
    }

    /** A stream of 1 GiB holds some 700,000 ids. */
    @Test
    void ofTheWholeStreamOnlyTheIdsOfOpenPublishesAreKept() {
        CompletableFuture<Void> answer = publishes
                .begin(OPEN, Activities.message(REPOSITORY, 1), Instant.EPOCH, false)
                .answer();
        for (int other = 2; other < 1_000; other++) {
            read(new UUID(0, other));
        }
        read(OPEN);
        read(new UUID(0, 1_000));

        assertThat(gap.superseded()).containsExactly(OPEN);
        assertThat(answer).isNotDone();
        assertThat(gap.lastMessages()).hasSize(1);
    }
}
