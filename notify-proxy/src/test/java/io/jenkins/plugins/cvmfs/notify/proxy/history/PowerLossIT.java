package io.jenkins.plugins.cvmfs.notify.proxy.history;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.abuse.Effort;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Effect;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Fault;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Outcome;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Mode;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.OwnedBroker;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.UnavailableException;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The power fails while announcements are published: what was written and not synced is gone. Nothing answered with 200 is. */
@Timeout(300)
class PowerLossIT {

    private static final long LEAST_ACCEPTED = 20;
    private static final int MOST_MILLIS_BEFORE = 1_500;

    private final HttpClient http = HttpClient.newHttpClient();
    private final History history = new History();
    private final Random random = new Random();

    @TempDir
    Path folder;

    private LosingDisk disk;

    @BeforeEach
    void mount() throws IOException {
        disk = LosingDisk.create(folder, 2_048);
    }

    @AfterEach
    void unmount() throws IOException {
        if (disk != null) {
            disk.close();
        }
    }

    @Test
    void theDiskLosesWhatWasNotSyncedAndNothingElse() throws IOException {
        Path file = disk.path().resolve("file");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap("synced".getBytes(UTF_8)));
            channel.force(true);
        }
        Files.writeString(file, ", not synced", StandardOpenOption.APPEND);
        Files.writeString(disk.path().resolve("other"), "not synced");

        disk.cutPower();
        disk.restorePower();

        assertThat(file).hasContent("synced");
        assertThat(disk.path().resolve("other"))
                .satisfiesAnyOf(
                        other -> assertThat(other).doesNotExist(),
                        other -> assertThat(other).isEmptyFile());
    }

    @RepeatedTest(3)
    void withoutABrokerTheJournalHasEverythingThatWasAccepted() throws Exception {
        try (ProxyFleet fleet = ProxyFleet.standalone(folder, disk.path().resolve("state"), http)) {
            try (Announcers announcers = new Announcers(http, fleet, history)) {
                announceForAWhile(announcers);
                fleet.freeze(0);
                cutPower();
                fleet.kill(0);
            }
            disk.restorePower();
            fleet.startAgain(0);

            Schedule.awaitAll(http, fleet, history);
            assertNothingIsLost();
        }
    }

    /** Each starts a broker of its own; a stream is what needs the journal most. */
    static Stream<Mode> modes() {
        return Effort.isLong() ? Stream.of(Mode.values()) : Stream.of(Mode.STREAM);
    }

    @ParameterizedTest
    @MethodSource("modes")
    void whenTheBrokerLosesPowerTheProxiesStillHaveEverything(Mode mode) throws Exception {
        OwnedBroker broker = broker();
        try (ProxyFleet fleet = ProxyFleet.start(2, mode.on(broker), folder, http)) {
            try (Announcers announcers = new Announcers(http, fleet, history)) {
                announceForAWhile(announcers);
                broker.freeze();
                cutPower();
                broker.kill();
            }
            disk.restorePower();
            broker.start();
            fleet.awaitReady();

            Schedule.awaitAll(http, fleet, history);
            assertNothingIsLost();
        } finally {
            broker.stop();
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void whenEverythingLosesPowerTheJournalsHaveEverything(Mode mode) throws Exception {
        OwnedBroker broker = broker();
        try (ProxyFleet fleet = ProxyFleet.start(2, mode.on(broker), folder, disk.path(), http)) {
            try (Announcers announcers = new Announcers(http, fleet, history)) {
                announceForAWhile(announcers);
                fleet.freeze(0);
                fleet.freeze(1);
                broker.freeze();
                cutPower();
                broker.kill();
                fleet.kill(0);
                fleet.kill(1);
            }
            disk.restorePower();
            broker.start();
            fleet.startAgain(0);
            fleet.startAgain(1);
            fleet.awaitReady();

            Schedule.awaitAll(http, fleet, history);
            assertNothingIsLost();
        } finally {
            broker.stop();
        }
    }

    /** Everything that the broker needs to start is durable; what comes later is as the broker decides. */
    private OwnedBroker broker() throws IOException {
        try {
            OwnedBroker broker =
                    OwnedBroker.launchIn(Files.createDirectory(disk.path().resolve("broker")));
            disk.sync();
            return broker;
        } catch (UnavailableException e) {
            return Assumptions.abort(e.getMessage());
        }
    }

    /** Returns when something has been accepted; the announcers go on. */
    private void announceForAWhile(Announcers announcers) {
        Schedule.REPOSITORIES.forEach(repository -> announcers.add(repository, random.nextLong()));
        long limit = history.now() + TimeUnit.SECONDS.toNanos(60);
        while (history.count(Outcome.ACCEPTED) < LEAST_ACCEPTED && history.now() < limit) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(MOST_MILLIS_BEFORE)));
    }

    private void cutPower() throws IOException {
        disk.cutPower();
        history.add(new Fault("power lost", "power lost", Fault.ALL, Effect.NOW_OR_NEVER, history.now()));
    }

    private void assertNothingIsLost() {
        System.err.printf(
                "power loss: %d accepted, %d refused, %d not answered%n",
                history.count(Outcome.ACCEPTED), history.count(Outcome.REFUSED), history.count(Outcome.UNANSWERED));
        assertThat(history.count(Outcome.ACCEPTED)).isGreaterThanOrEqualTo(LEAST_ACCEPTED);
        assertThat(HistoryChecker.check(history).violations()).isEmpty();
    }
}
