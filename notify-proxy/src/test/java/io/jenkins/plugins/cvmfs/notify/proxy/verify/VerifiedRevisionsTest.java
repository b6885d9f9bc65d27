package io.jenkins.plugins.cvmfs.notify.proxy.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.VerificationResult.Admittance;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.VerifiedRevisions.AppendRules;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.VerifiedRevisions.LastValue;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class VerifiedRevisionsTest {

    private static final AppendRules STRICT = new AppendRules(false, false, LastValue.OTHER);

    private final VerifiedRevisions revisions = new VerifiedRevisions();
    private final List<Long> appended = new CopyOnWriteArrayList<>();

    private CompletableFuture<Admittance> admit(long revision, AppendRules rules) {
        return admit(revision, rules, CompletableFuture.completedFuture(null));
    }

    private CompletableFuture<Admittance> admit(long revision, AppendRules rules, CompletableFuture<Void> append) {
        return admit(revision, rules, () -> {
            appended.add(revision);
            return append;
        });
    }

    private CompletableFuture<Admittance> admit(
            long revision, AppendRules rules, Supplier<CompletableFuture<Void>> append) {
        return revisions.admit(new Revision(revision), rules, append);
    }

    @Test
    void noLockIsHeldWhileAnAppendRuns() {
        List<CompletableFuture<Admittance>> other = new CopyOnWriteArrayList<>();

        CompletableFuture<Admittance> first = admit(1, STRICT, () -> {
            other.add(CompletableFuture.supplyAsync(() -> admit(2, STRICT))
                    .orTimeout(10, TimeUnit.SECONDS)
                    .join());
            appended.add(1L);
            return CompletableFuture.completedFuture(null);
        });

        assertThat(first).isCompletedWithValue(Admittance.APPENDED);
        assertThat(other.get(0)).isCompletedWithValue(Admittance.APPENDED);
        assertThat(appended).containsExactly(1L, 2L);
    }

    @Test
    void appendsComeInTheOrderInWhichRevisionsRise() {
        AtomicInteger atATime = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();

        IntStream.rangeClosed(1, 20_000)
                .parallel()
                .forEach(revision -> admit(revision, STRICT, () -> {
                    most.accumulateAndGet(atATime.incrementAndGet(), Math::max);
                    appended.add((long) revision);
                    atATime.decrementAndGet();
                    return CompletableFuture.completedFuture(null);
                }));

        assertThat(appended).isSorted().doesNotHaveDuplicates().endsWith(20_000L);
        assertThat(most).hasValue(1);
    }

    @Test
    void aLowerRevisionIsTooOldUnlessTheRepositoryMayGoBack() {
        admit(5, STRICT);

        assertThat(admit(4, STRICT)).isCompletedWithValue(Admittance.TOO_OLD);
        assertThat(admit(4, new AppendRules(true, false, LastValue.OTHER))).isCompletedWithValue(Admittance.APPENDED);
        assertThat(appended).containsExactly(5L, 4L);
    }

    @Test
    void theSameRevisionIsAppendedAgainOnlyWhereItMayBeRepeated() {
        admit(5, STRICT);

        assertThat(admit(5, STRICT)).isCompletedWithValue(Admittance.ANNOUNCED_BEFORE);
        assertThat(admit(5, new AppendRules(false, true, LastValue.OTHER))).isCompletedWithValue(Admittance.APPENDED);
        assertThat(appended).containsExactly(5L, 5L);
    }

    @Test
    void theLastValueNeedsNoAnnouncementWhicheverPublisherAppendedIt() {
        for (boolean allowRollback : List.of(false, true)) {
            assertThat(admit(5, new AppendRules(allowRollback, false, LastValue.SAME)))
                    .isCompletedWithValue(Admittance.ANNOUNCED_BEFORE);
            assertThat(appended).isEmpty();
        }
        assertThat(admit(5, new AppendRules(false, true, LastValue.SAME))).isCompletedWithValue(Admittance.APPENDED);
    }

    @Test
    void theSameRevisionEndsAsTheAppendThatIsUnderWay() {
        for (boolean allowRollback : List.of(false, true)) {
            CompletableFuture<Void> confirm = new CompletableFuture<>();
            AppendRules rules = new AppendRules(allowRollback, false, LastValue.OTHER);
            long revision = allowRollback ? 6 : 5;
            admit(revision, rules, confirm);

            CompletableFuture<Admittance> again = admit(revision, rules);

            assertThat(again).isNotDone();
            confirm.completeExceptionally(new IllegalStateException("the log is closed"));
            assertThat(again).isCompletedExceptionally();
            assertThat(admit(revision, rules)).isCompletedWithValue(Admittance.APPENDED);
        }
        assertThat(appended).containsExactly(5L, 5L, 6L, 6L);
    }

    @Test
    void anAppendThatCannotBeginFailsAndOthersGoOn() {
        CompletableFuture<Admittance> broken = admit(5, STRICT, () -> {
            throw new IllegalStateException("broken");
        });

        assertThat(broken).isCompletedExceptionally();
        assertThat(admit(6, STRICT)).isCompletedWithValue(Admittance.APPENDED);
    }

    @Test
    void whatOthersHaveAppendedCounts() {
        revisions.learn(new Revision(7));
        revisions.learn(new Revision(3));

        assertThat(revisions.have(new Revision(7))).isTrue();
        assertThat(revisions.have(new Revision(8))).isFalse();
        assertThat(admit(6, STRICT)).isCompletedWithValue(Admittance.TOO_OLD);
        assertThat(admit(7, STRICT)).isCompletedWithValue(Admittance.ANNOUNCED_BEFORE);
        assertThat(appended).isEmpty();
    }

    @Test
    void withoutALastValueTheSameRevisionIsAppendedAgainButNoLowerOne() {
        AppendRules forgotten = new AppendRules(false, false, LastValue.NONE);
        admit(5, STRICT);

        assertThat(admit(5, forgotten)).isCompletedWithValue(Admittance.APPENDED);
        assertThat(admit(4, forgotten)).isCompletedWithValue(Admittance.TOO_OLD);
        assertThat(appended).containsExactly(5L, 5L);
    }

    @Test
    void theSameRevisionWaitsForTheFirstAppendAlsoWithoutALastValue() {
        AppendRules first = new AppendRules(false, false, LastValue.NONE);
        CompletableFuture<Void> confirm = new CompletableFuture<>();
        admit(5, first, confirm);

        CompletableFuture<Admittance> again = admit(5, first);

        assertThat(again).isNotDone();
        confirm.complete(null);
        assertThat(again).isCompletedWithValue(Admittance.ANNOUNCED_BEFORE);
        assertThat(appended).containsExactly(5L);
    }
}
