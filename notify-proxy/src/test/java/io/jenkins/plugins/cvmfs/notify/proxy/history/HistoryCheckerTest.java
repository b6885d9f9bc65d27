package io.jenkins.plugins.cvmfs.notify.proxy.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Attempt;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Connection;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Effect;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Fault;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Kind;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Life;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Outcome;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Receipt;
import io.jenkins.plugins.cvmfs.notify.proxy.history.HistoryChecker.Promise;
import io.jenkins.plugins.cvmfs.notify.proxy.history.HistoryChecker.Violation;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Histories in which each promise is kept, and broken. */
final class HistoryCheckerTest {

    private static final String REPOSITORY = "a.example.org";
    private static final Life ONE = new Life(1, 1);
    private static final Life TWO = new Life(2, 1);

    private final History history = new History();
    private int connections;

    @Test
    void anEmptyHistoryKeepsAllPromises() {
        assertThat(broken()).isEmpty();
    }

    @Test
    void whatComesInOrderKeepsAllPromises() {
        accepted(1, 0, 10);
        accepted(2, 20, 30);
        receive(last(TWO, 0), 1, 2);
        receive(last(ONE, 40), 2);

        assertThat(broken()).isEmpty();
    }

    @Test
    void aConflatedRevisionIsNotMissed() {
        accepted(1, 0, 10);
        accepted(2, 20, 30);
        accepted(3, 40, 50);
        receive(last(TWO, 0), 1, 3);

        assertThat(broken()).isEmpty();
    }

    @Test
    void aSubscriberWithoutTheLastAcceptedOneHasLostIt() {
        accepted(1, 0, 10);
        accepted(2, 20, 30);
        receive(last(TWO, 0), 1);

        assertThat(broken()).containsExactly(Promise.NOTHING_ACCEPTED_IS_LOST);
    }

    @Test
    void aSubscriberWithNothingHasLostWhatWasAccepted() {
        accepted(1, 0, 10);
        last(TWO, 0);

        assertThat(broken()).containsExactly(Promise.NOTHING_ACCEPTED_IS_LOST);
    }

    @Test
    void aConnectionThatEndedBeforeMayLackTheLast() {
        accepted(1, 0, 10);
        accepted(2, 20, 30);
        receive(earlier(TWO, 0), 1);

        assertThat(broken()).isEmpty();
    }

    @Test
    void oneThatWasRefusedOrNotAnsweredNeedNotCome() {
        accepted(1, 0, 10);
        attempt(2, ONE, 20, 30, Outcome.REFUSED);
        attempt(3, ONE, 40, 50, Outcome.UNANSWERED);
        receive(last(TWO, 0), 1);

        assertThat(broken()).isEmpty();
    }

    @Test
    void oneThatWasRefusedOrNotAnsweredMayCome() {
        accepted(1, 0, 10);
        attempt(2, ONE, 20, 30, Outcome.REFUSED);
        attempt(3, ONE, 40, 50, Outcome.UNANSWERED);
        receive(last(TWO, 0), 1, 2, 3);

        assertThat(broken()).isEmpty();
    }

    @Test
    void oneThatWasRefusedMustNotComeAfterALaterOne() {
        attempt(1, ONE, 0, 10, Outcome.REFUSED);
        accepted(2, 20, 30);
        receive(last(TWO, 0), 2, 1, 2);

        assertThat(broken()).contains(Promise.NEVER_BACKWARDS);
    }

    @Test
    void oneThatWasNotAnsweredMustNotTakeThePlaceOfALaterOne() {
        attempt(1, ONE, 0, 10, Outcome.UNANSWERED);
        accepted(2, 20, 30);
        receive(last(TWO, 0), 2, 1);

        assertThat(broken()).containsExactly(Promise.NEVER_BACKWARDS, Promise.NOTHING_ACCEPTED_IS_LOST);
    }

    @Test
    void whatAStoppedProxyHeldUpMayComeLaterAndIsCounted() {
        fault(ONE.proxy(), Effect.HELD_UP, 5, 50);
        attempt(1, ONE, 0, 10, Outcome.UNANSWERED);
        attempt(2, TWO, 20, 30, Outcome.ACCEPTED);
        receive(last(TWO, 0), 2, 1);

        assertThat(broken()).isEmpty();
        assertThat(HistoryChecker.check(history).late()).isOne();
    }

    @Test
    void whatABrokerHeldUpMayComeLater() {
        fault(Fault.ALL, Effect.HELD_UP, 5, 15);
        fault(Fault.ALL, Effect.HELD_UP, 16, 50);
        attempt(1, ONE, 0, 10, Outcome.REFUSED);
        attempt(
                2,
                TWO,
                HistoryChecker.LONGEST_ARRIVAL_NANOS + 20,
                HistoryChecker.LONGEST_ARRIVAL_NANOS + 30,
                Outcome.ACCEPTED);
        receive(last(TWO, 0), 2, 1);

        assertThat(broken()).isEmpty();
    }

    @Test
    void whatWasAcceptedMustNotComeLaterBecauseOfAFault() {
        fault(Fault.ALL, Effect.HELD_UP, 5, 50);
        accepted(1, 0, 10);
        accepted(2, 20, 30);
        receive(earlier(TWO, 0), 2, 1);

        assertThat(broken()).containsExactly(Promise.NEVER_BACKWARDS);
    }

    @Test
    void anotherProxysFaultHoldsNothingUp() {
        fault(TWO.proxy(), Effect.HELD_UP, 5, 50);
        attempt(1, ONE, 0, 10, Outcome.REFUSED);
        attempt(2, TWO, 20, 30, Outcome.ACCEPTED);
        receive(earlier(TWO, 0), 2, 1);

        assertThat(broken()).containsExactly(Promise.NEVER_BACKWARDS);
    }

    @Test
    void aFaultThatHoldsNothingUpExcusesNothing() {
        fault(ONE.proxy(), Effect.NOW_OR_NEVER, 5, 50);
        attempt(1, ONE, 0, 10, Outcome.REFUSED);
        attempt(2, TWO, 20, 30, Outcome.ACCEPTED);
        receive(earlier(TWO, 0), 2, 1);

        assertThat(broken()).containsExactly(Promise.NEVER_BACKWARDS);
    }

    @Test
    void longAfterAFaultNothingIsHeldUp() {
        fault(ONE.proxy(), Effect.HELD_UP, 5, 50);
        attempt(1, ONE, 0, 10, Outcome.REFUSED);
        attempt(
                2,
                TWO,
                HistoryChecker.LONGEST_ARRIVAL_NANOS + 60,
                HistoryChecker.LONGEST_ARRIVAL_NANOS + 70,
                Outcome.ACCEPTED);
        receive(earlier(TWO, 0), 2, 1);

        assertThat(broken()).containsExactly(Promise.NEVER_BACKWARDS);
    }

    @Test
    void aConnectionThatGoesBackwardsBreaksAPromise() {
        accepted(1, 0, 10);
        accepted(2, 20, 30);
        receive(earlier(TWO, 0), 2, 1);

        assertThat(broken()).containsExactly(Promise.NEVER_BACKWARDS);
    }

    @Test
    void goingBackIsSeenBehindOneThatOverlapsBoth() {
        accepted(1, 0, 10);
        accepted(2, 20, 30);
        accepted(3, 5, 40);
        receive(earlier(TWO, 0), 2, 3, 1);

        assertThat(broken()).containsExactly(Promise.NEVER_BACKWARDS);
    }

    @Test
    void twoThatOverlapMayComeInEitherOrder() {
        accepted(1, 0, 20);
        accepted(2, 10, 30);
        receive(last(TWO, 0), 1, 2);
        receive(last(TWO, 0), 2, 1);

        assertThat(broken()).isEmpty();
    }

    @Test
    void anAnnouncementThatWasSentAgainMayComeAgainAfterALaterOne() {
        attempt(1, ONE, 0, 10, Outcome.REFUSED);
        accepted(2, 20, 30);
        attempt(1, TWO, 40, 50, Outcome.ACCEPTED);
        receive(last(ONE, 0), 1, 2, 1);

        assertThat(broken()).isEmpty();
    }

    @Test
    void whatWasSentOnceMustNotComeTwice() {
        accepted(1, 0, 10);
        receive(last(TWO, 0), 1, 1);

        assertThat(broken()).containsExactly(Promise.NEVER_TWICE);
    }

    @Test
    void aPositionMustNotComeTwice() {
        attempt(1, ONE, 0, 10, Outcome.REFUSED);
        attempt(1, ONE, 10, 20, Outcome.ACCEPTED);
        Connection connection = last(TWO, 0);
        connection.received(new Receipt(REPOSITORY, 1, "abc:7", 100));
        connection.received(new Receipt(REPOSITORY, 1, "abc:8", 100));
        assertThat(broken()).isEmpty();

        connection.received(new Receipt(REPOSITORY, 1, "abc:7", 100));
        assertThat(broken()).containsExactly(Promise.NEVER_TWICE);
    }

    @Test
    void whatNobodyPublishedIsInvented() {
        accepted(1, 0, 10);
        receive(last(TWO, 0), 1, 7);

        assertThat(broken()).containsExactly(Promise.NOTHING_INVENTED);
    }

    @Test
    void aNewSubscriberOfTheSameProxyGetsWhatItAccepted() {
        accepted(1, 0, 10);
        accepted(2, 20, 30);
        receive(earlier(ONE, 40), 1, 2);

        assertThat(broken()).containsExactly(Promise.READ_YOUR_OWN_WRITE);
    }

    @Test
    void aNewSubscriberOfAnotherProxyOrAnotherLifeMayGetItLater() {
        accepted(1, 0, 10);
        accepted(2, 20, 30);
        receive(earlier(TWO, 40), 1, 2);
        receive(earlier(new Life(1, 2), 40), 1, 2);

        assertThat(broken()).isEmpty();
    }

    @Test
    void whileNothingFailsANewSubscriberOfAnotherProxyGetsItInTime() {
        history.calm();
        long later = history.calmFrom() + Schedule.LONGEST_SPREAD.toNanos() + 1;
        accepted(1, 0, 10);
        accepted(2, 20, 30);
        receive(earlier(TWO, later), 1, 2);

        assertThat(broken()).containsExactly(Promise.READ_OF_OTHERS_IN_TIME);
    }

    @Test
    void soonAfterAFaultANewSubscriberOfAnotherProxyMayGetItLater() {
        history.calm();
        accepted(1, 0, 10);
        accepted(2, 20, 30);
        receive(earlier(TWO, history.calmFrom() + Schedule.LONGEST_SPREAD.toNanos() - 1), 1, 2);

        assertThat(broken()).isEmpty();
    }

    @Test
    void repositoriesHaveNothingToDoWithOneAnother() {
        accepted(1, 0, 10);
        accepted(2, 20, 30);
        history.add(new Attempt("b.example.org", 1, ONE, 60, 70, Outcome.ACCEPTED));
        Connection both = new Connection(9, Kind.WEBSOCKET, TWO, Set.of(REPOSITORY, "b.example.org"), 0, true);
        history.add(both);
        both.received(new Receipt("b.example.org", 1, "", 100));
        receive(both, 1, 2);

        assertThat(broken()).isEmpty();
    }

    private List<Promise> broken() {
        return HistoryChecker.check(history).violations().stream()
                .map(Violation::promise)
                .distinct()
                .toList();
    }

    private void accepted(long serial, long start, long end) {
        attempt(serial, ONE, start, end, Outcome.ACCEPTED);
    }

    private void attempt(long serial, Life life, long start, long end, Outcome outcome) {
        history.add(new Attempt(REPOSITORY, serial, life, start, end, outcome));
    }

    private void fault(int proxy, Effect effect, long start, long end) {
        Fault fault = new Fault("planted", "planted", proxy, effect, start);
        fault.healed(end);
        history.add(fault);
    }

    private Connection last(Life life, long start) {
        return connect(life, start, true);
    }

    private Connection earlier(Life life, long start) {
        return connect(life, start, false);
    }

    private Connection connect(Life life, long start, boolean isLast) {
        Connection connection = new Connection(++connections, Kind.WEBSOCKET, life, Set.of(REPOSITORY), start, isLast);
        history.add(connection);
        return connection;
    }

    private static void receive(Connection connection, long... serials) {
        for (long serial : serials) {
            connection.received(new Receipt(REPOSITORY, serial, "", Long.MAX_VALUE));
        }
    }
}
