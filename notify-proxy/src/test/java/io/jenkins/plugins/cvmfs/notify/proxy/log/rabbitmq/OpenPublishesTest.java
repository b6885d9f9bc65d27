package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.OpenPublishes.OpenPublish;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class OpenPublishesTest {

    private static final UUID ID = new UUID(1, 1);
    private static final Duration LONG = Duration.ofMinutes(1);

    private final OpenPublishes publishes = new OpenPublishes(LONG);

    private CompletableFuture<Void> begin(UUID id) {
        return publishes
                .begin(id, Activities.message("a.example.org", 1), Instant.EPOCH, false)
                .answer();
    }

    @Test
    void theBrokersConfirmAloneIsNotEnough() {
        CompletableFuture<Void> answer = begin(ID);

        publishes.confirmed(ID);
        publishes.confirmed(ID);

        assertThat(answer).isNotDone();
        assertThat(publishes.get(ID)).isPresent();
    }

    @Test
    void theRecordAloneIsNotEnough() {
        CompletableFuture<Void> answer = begin(ID);

        publishes.recorded(ID);
        publishes.recorded(ID);

        assertThat(answer).isNotDone();
    }

    @Test
    void bothAreEnoughInAnyOrder() {
        UUID other = new UUID(1, 2);
        CompletableFuture<Void> confirmedFirst = begin(ID);
        CompletableFuture<Void> recordedFirst = begin(other);

        publishes.confirmed(ID);
        publishes.recorded(ID);
        publishes.recorded(other);
        publishes.confirmed(other);

        assertThat(confirmedFirst).isCompleted();
        assertThat(recordedFirst).isCompleted();
        assertThat(publishes.size()).isZero();
    }

    @Test
    void whatIsOpenIsKeptInItsOrder() {
        UUID other = new UUID(1, 2);
        var unused = CompletableFuture.allOf(begin(other), begin(ID));

        assertThat(publishes.all()).extracting(OpenPublish::id).containsExactly(other, ID);
    }

    @Test
    void itsMessageIsKnownByItsIdAndItsBytes() {
        ActivityMessage sent = Activities.message("a.example.org", 1);
        var unused = publishes.begin(ID, sent, Instant.EPOCH, false);

        assertThat(publishes.message(ID, sent.raw().clone())).containsSame(sent);
        assertThat(publishes.message(ID, Activities.message("a.example.org", 2).raw()))
                .isEmpty();
        assertThat(publishes.message(new UUID(1, 2), sent.raw())).isEmpty();
        assertThat(publishes.message(null, sent.raw())).isEmpty();
    }

    @Test
    void whatWasConfirmedAndDoesNotComeBackIsNoticed() {
        var unused = CompletableFuture.allOf(begin(ID));
        assertThat(publishes.areUnreadFor(Duration.ZERO)).isFalse();

        publishes.confirmed(ID);

        assertThat(publishes.areUnreadFor(Duration.ZERO)).isTrue();
        assertThat(publishes.areUnreadFor(LONG)).isFalse();
        publishes.recorded(ID);
        assertThat(publishes.areUnreadFor(Duration.ZERO)).isFalse();
    }

    @Test
    void oneThatIsDeliveredAheadOfTheStreamIsAnsweredAndStaysUntilItIsRead() {
        CompletableFuture<Void> answer = begin(ID);

        assertThat(publishes.confirmed(ID)).isTrue();
        assertThat(publishes.mayDeliverUnread(ID)).isTrue();
        assertThat(publishes.isAwaited(ID)).isTrue();
        publishes.deliveredUnread(ID);

        assertThat(answer).isCompleted();
        assertThat(publishes.isAwaited(ID)).isFalse();
        assertThat(publishes.isUnread(ID)).isTrue();
        publishes.recorded(ID);
        assertThat(publishes.isUnread(ID)).isFalse();
        assertThat(publishes.size()).isZero();
    }

    /** Its message may have been delivered in the same moment: the record must stay until it has been read. */
    @Test
    void oneThatIsAboutToBeDeliveredStaysWhenItsTimeEnds() {
        CompletableFuture<Void> answer = begin(ID);
        publishes.confirmed(ID);
        publishes.mayDeliverUnread(ID);

        publishes.fail(ID, new LogUnavailableException("too late", null));

        assertThat(answer).isCompletedExceptionally();
        assertThat(publishes.isUnread(ID)).isTrue();
    }

    @Test
    void oneWhoseTimeHasEndedIsNotDeliveredAheadOfTheStream() {
        var unused = begin(ID);
        publishes.confirmed(ID);
        publishes.fail(ID, new LogUnavailableException("too late", null));

        assertThat(publishes.mayDeliverUnread(ID)).isFalse();
        assertThat(publishes.confirmed(ID)).isFalse();
    }

    @Test
    void onlyWhatIsDeliveredAheadOfTheStreamIsMissingAfterTheFence() {
        UUID other = new UUID(1, 2);
        var unused = CompletableFuture.allOf(begin(ID), begin(other));
        publishes.confirmed(ID);
        publishes.mayDeliverUnread(ID);

        publishes.closeUnread();

        assertThat(publishes.isOpen(ID)).isFalse();
        assertThat(publishes.isOpen(other)).isTrue();
    }

    @Test
    void whatCannotBeRecordedFails() {
        CompletableFuture<Void> answer = begin(ID);

        publishes.fail(ID, new IOException("No space left on device"));

        assertThat(answer)
                .isCompletedExceptionally()
                .failsWithin(LONG)
                .withThrowableThat()
                .withCauseInstanceOf(LogUnavailableException.class)
                .withMessageContaining("No space left on device");
        assertThat(publishes.size()).isZero();
    }

    @Test
    void oneThatIsNotSafeInTimeFailsAndIsNotSentAgain() {
        OpenPublishes impatient = new OpenPublishes(Duration.ofMillis(1));

        CompletableFuture<Void> answer = impatient
                .begin(ID, Activities.message("a.example.org", 1), Instant.EPOCH, false)
                .answer();

        assertThat(answer).failsWithin(LONG);
        assertThat(impatient.all()).isEmpty();
    }

    @Test
    void whatNobodyWaitsForIsIgnored() {
        publishes.confirmed(ID);
        publishes.recorded(ID);

        assertThat(begin(ID)).isNotDone();
    }

    @Test
    void closingFailsWhatIsOpen() {
        CompletableFuture<Void> answer = begin(ID);

        publishes.close();

        assertThat(answer).isCompletedExceptionally();
    }

    @Test
    void anOrderToForgetWaitsForItsRecordAndDoesNotCountAsAPublish() {
        CompletableFuture<Void> order = publishes.await(ID);

        assertThat(publishes.size()).isZero();
        assertThat(publishes.all()).isEmpty();
        assertThat(publishes.isOpen(ID)).isTrue();
        publishes.confirmed(ID);
        assertThat(order).isNotDone();

        publishes.recorded(ID);

        assertThat(order).isCompleted();
        assertThat(publishes.isOpen(ID)).isFalse();
    }

    @Test
    void anOrderToForgetThatCannotBeRecordedFailsAndSoDoesOneThatIsOpenAtTheEnd() {
        CompletableFuture<Void> failed = publishes.await(ID);
        CompletableFuture<Void> open = publishes.await(new UUID(1, 2));

        publishes.fail(ID, new IOException("No space left on device"));
        assertThat(failed).isCompletedExceptionally();
        assertThat(open).isNotDone();

        publishes.close();
        assertThat(open).isCompletedExceptionally();
    }
}
