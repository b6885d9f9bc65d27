package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.Forgotten;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LastValues;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogEntry;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogRecorder;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.BrokerCommands.OutgoingMessage;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StreamRefreshTest {

    private static final RepositoryName SELDOM = new RepositoryName("seldom.example.org");
    private static final RepositoryName OFTEN = new RepositoryName("often.example.org");
    private static final String EPOCH = "0123456789abcdef";

    /** Due when between 320 and 380 KB have been published afterwards. */
    private static final long STREAM_MAX_BYTES = 960_000;

    private static final int LONG = 100_000;

    private final StreamRefresh refresh = new StreamRefresh(
            new LastValues(TestConfigs.repositories(), List.of(entry(SELDOM, 1), entry(OFTEN, 100))), STREAM_MAX_BYTES);
    private long offset;

    private static LogEntry entry(RepositoryName repository, long offset) {
        Announcement announcement = new Announcement(
                Activities.message(repository.value(), 1), new LogPosition(EPOCH, offset), Instant.EPOCH);
        return new LogEntry(announcement, new UUID(1, 1));
    }

    private void read(RepositoryName repository, int bytes, int times) {
        for (int i = 0; i < times; i++) {
            refresh.read(offset++, bytes, repository);
        }
    }

    @BeforeEach
    void bothAreThere() {
        read(SELDOM, 1_000, 1);
        read(OFTEN, 1_000, 1);
    }

    @Test
    void aValueNearTheEndIsLeftAlone() {
        read(OFTEN, 1_000, 200);

        assertThat(refresh.due()).isEmpty();
    }

    @Test
    void aValueFarBehindTheEndIsDueAndOnlyThat() {
        read(OFTEN, 1_000, 300);

        assertThat(refresh.due()).extracting(OutgoingMessage::key).containsExactly(SELDOM.value());
    }

    @Test
    void fewLongMessagesCountAsMuchAsManyShortOnes() {
        read(OFTEN, LONG, 4);

        assertThat(refresh.due()).extracting(OutgoingMessage::key).containsExactly(SELDOM.value());
    }

    @Test
    void whatIsNobodysLastValueCountsToo() {
        for (int i = 0; i < 4; i++) {
            refresh.read(offset++, LONG, null);
        }

        assertThat(refresh.due()).extracting(OutgoingMessage::key).containsExactly(SELDOM.value(), OFTEN.value());
    }

    @Test
    void untilMoreHasBeenPublishedNothingIsDueAgain() {
        read(OFTEN, LONG, 4);
        assertThat(refresh.due()).hasSize(1);

        read(OFTEN, 1_000, 1);

        assertThat(refresh.due()).isEmpty();
    }

    @Test
    void aCopyByAnotherProxySavesTheTrouble() {
        read(OFTEN, LONG, 4);
        read(SELDOM, 1_000, 1);

        assertThat(refresh.due()).isEmpty();
    }

    @Test
    void aValueThatIsNotInTheStreamIsDue() {
        refresh.readsAll();
        read(OFTEN, 1_000, 1);

        assertThat(refresh.due()).extracting(OutgoingMessage::key).containsExactly(SELDOM.value());
    }

    @Test
    void whereAFormerStreamBeganSaysNothingOfANewOne() {
        refresh.beginsAt(1_000);

        refresh.readsAll();
        read(SELDOM, 1_000, 1);
        read(OFTEN, 1_000, 1);

        assertThat(refresh.due()).isEmpty();
    }

    @Test
    void whatWasNotReadIsTakenForMuch() {
        refresh.readsAll();
        read(OFTEN, 1_000, 1);

        refresh.resumesAt(new LogPosition(EPOCH, 100));

        assertThat(refresh.due()).extracting(OutgoingMessage::key).containsExactly(SELDOM.value());
    }

    @Test
    void aValueBeforeTheStreamsBeginningIsDueHoweverLittleCameAfterIt() {
        read(OFTEN, 1_000, 1);
        assertThat(refresh.due()).isEmpty();

        refresh.beginsAt(1);

        assertThat(refresh.due()).extracting(OutgoingMessage::key).containsExactly(SELDOM.value());
    }

    /** Recorded without a stream, in standalone or in queue mode, before the stream was read again. */
    @Test
    void aValueThatIsNotInTheStreamIsDueAlsoWhenReadingResumes() {
        LogEntry ofStandalone = new LogEntry(
                new Announcement(
                        Activities.message(SELDOM.value(), 1), new LogPosition("fedcba9876543210", 7), Instant.EPOCH),
                new UUID(1, 2));
        StreamRefresh resumed = new StreamRefresh(
                new LastValues(TestConfigs.repositories(), List.of(entry(OFTEN, 5), ofStandalone)), STREAM_MAX_BYTES);

        resumed.resumesAt(new LogPosition(EPOCH, 5));

        assertThat(resumed.due()).extracting(OutgoingMessage::key).containsExactly(SELDOM.value());
        assertThat(resumed.due()).isEmpty();
    }

    @Test
    void aCopyThatWasNotSentBeforeTheSessionEndedIsDueInTheNext() {
        read(OFTEN, LONG, 4);
        assertThat(refresh.due()).hasSize(1);

        refresh.resumesAt(new LogPosition(EPOCH, 5));

        assertThat(refresh.due()).extracting(OutgoingMessage::key).containsExactly(SELDOM.value());
    }

    @Test
    void aCopyThatIsNotInTheStreamWhenMoreIsDroppedIsDueAgain() {
        read(OFTEN, LONG, 4);
        assertThat(refresh.due()).hasSize(1);

        refresh.beginsAt(2);

        assertThat(refresh.due()).extracting(OutgoingMessage::key).containsExactly(SELDOM.value());
        refresh.beginsAt(2);
        assertThat(refresh.due()).isEmpty();
    }

    @Test
    void whatWasReadShortlyBeforeAReconnectIsLeftAlone() {
        StreamRefresh reconnecting = new StreamRefresh(
                new LastValues(TestConfigs.repositories(), List.of(entry(SELDOM, 1), entry(OFTEN, 100))),
                STREAM_MAX_BYTES);
        reconnecting.resumesAt(new LogPosition(EPOCH, 100));
        reconnecting.read(101, 1_000, SELDOM);
        reconnecting.read(102, LONG, OFTEN);

        reconnecting.resumesAt(new LogPosition(EPOCH, 102));
        reconnecting.read(103, LONG, OFTEN);

        assertThat(reconnecting.due()).isEmpty();
    }

    @Test
    void anOrderToForgetIsKeptLikeALastValue() throws InterruptedException {
        Forgotten order = new Forgotten(SELDOM, Instant.EPOCH.plusSeconds(1));
        LogRecorder recorder = LogRecorder.open(
                Optional.empty(),
                TestConfigs.repositories(),
                10,
                Duration.ZERO,
                new OpenPublishes(Duration.ofMinutes(1)),
                new SimpleMeterRegistry());
        recorder.start(announcement -> {});
        recorder.forget(order);
        StreamRefresh ofOrders = new StreamRefresh(recorder.lastValues(), STREAM_MAX_BYTES);
        ofOrders.readsAll();
        ofOrders.read(0, 100, SELDOM);
        assertThat(ofOrders.due()).isEmpty();

        for (int i = 1; i <= 4; i++) {
            ofOrders.read(i, LONG, OFTEN);
        }

        assertThat(ofOrders.due()).singleElement().satisfies(copy -> {
            assertThat(copy.key()).isEqualTo(RoutingKeys.FORGOTTEN);
            assertThat(copy.properties().isCopy()).isTrue();
            assertThat(Forgotten.parse(copy.body(), copy.properties().announcedAtOrNull(), null))
                    .contains(order);
        });
    }
}
