package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class UnconfirmedPublishesTest {

    private static final UUID ID = new UUID(1, 1);
    private static final Duration LONG = Duration.ofMinutes(1);

    private final UnconfirmedPublishes appends = new UnconfirmedPublishes(LONG);

    private CompletableFuture<Void> begin(UUID id) {
        return appends.begin(id, Activities.message("a.example.org", 1), Instant.EPOCH);
    }

    @Test
    void theBrokersConfirmAloneIsNotEnough() {
        CompletableFuture<Void> answer = begin(ID);

        appends.confirmed(ID);
        appends.confirmed(ID);

        assertThat(answer).isNotDone();
        assertThat(appends.get(ID)).isPresent();
    }

    @Test
    void theLedgerAloneIsNotEnough() {
        CompletableFuture<Void> answer = begin(ID);

        appends.recorded(ID);
        appends.recorded(ID);

        assertThat(answer).isNotDone();
    }

    @Test
    void bothAreEnoughInAnyOrder() {
        UUID other = new UUID(1, 2);
        CompletableFuture<Void> confirmedFirst = begin(ID);
        CompletableFuture<Void> recordedFirst = begin(other);

        appends.confirmed(ID);
        appends.recorded(ID);
        appends.recorded(other);
        appends.confirmed(other);

        assertThat(confirmedFirst).isCompleted();
        assertThat(recordedFirst).isCompleted();
        assertThat(appends.size()).isZero();
    }

    @Test
    void whatIsOpenIsKeptInItsOrder() {
        UUID other = new UUID(1, 2);
        var unused = CompletableFuture.allOf(begin(other), begin(ID));

        assertThat(appends.all()).extracting(UnconfirmedPublish::id).containsExactly(other, ID);
    }

    @Test
    void whatWasConfirmedAndDoesNotComeBackIsNoticed() {
        var unused = CompletableFuture.allOf(begin(ID));
        assertThat(appends.areUnreadFor(Duration.ZERO)).isFalse();

        appends.confirmed(ID);

        assertThat(appends.areUnreadFor(Duration.ZERO)).isTrue();
        assertThat(appends.areUnreadFor(LONG)).isFalse();
        appends.recorded(ID);
        assertThat(appends.areUnreadFor(Duration.ZERO)).isFalse();
    }

    @Test
    void whatTheLedgerCannotKeepFails() {
        CompletableFuture<Void> answer = begin(ID);

        appends.notRecorded(ID, new IOException("No space left on device"));

        assertThat(answer)
                .isCompletedExceptionally()
                .failsWithin(LONG)
                .withThrowableThat()
                .withCauseInstanceOf(LogUnavailableException.class)
                .withMessageContaining("No space left on device");
        assertThat(appends.size()).isZero();
    }

    @Test
    void oneThatIsNotSafeInTimeFailsAndIsNotSentAgain() {
        UnconfirmedPublishes impatient = new UnconfirmedPublishes(Duration.ofMillis(1));

        CompletableFuture<Void> answer = impatient.begin(ID, Activities.message("a.example.org", 1), Instant.EPOCH);

        assertThat(answer).failsWithin(LONG);
        assertThat(impatient.all()).isEmpty();
    }

    @Test
    void whatNobodyWaitsForIsIgnored() {
        appends.confirmed(ID);
        appends.recorded(ID);

        assertThat(begin(ID)).isNotDone();
    }

    @Test
    void closingFailsWhatIsOpen() {
        CompletableFuture<Void> answer = begin(ID);

        appends.close();

        assertThat(answer).isCompletedExceptionally();
    }
}
