package io.jenkins.plugins.cvmfs.notify.proxy.verify;

import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.VerificationResult.Admittance;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The newest verified revision of one repository, and the order in which its verified announcements are appended. Thread-safe; no lock is
 * held while an append runs.
 */
final class VerifiedRevisions {

    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private boolean isAppending;
    private @Nullable Revision last;
    private CompletableFuture<Void> lastAppended = CompletableFuture.completedFuture(null);

    /**
     * When an announcement is appended.
     *
     * @param allowRollback whether its revision may be lower than the last one
     * @param allowRepeat whether a revision that is announced already is appended again
     * @param lastValue what the log holds of the repository
     */
    record AppendRules(boolean allowRollback, boolean allowRepeat, LastValue lastValue) {}

    /** The log's last value of a repository when an announcement arrives. */
    enum LastValue {
        /** Nothing: it was never announced, was forgotten, or exceeded a limit. */
        NONE,
        /** The manifest of the announcement. */
        SAME,
        /** Another manifest. */
        OTHER
    }

    /** Returns true if this revision, or a newer one, was verified. */
    synchronized boolean have(Revision revision) {
        return last != null && !revision.isNewerThan(last);
    }

    /** Notes a verified revision that is in the log already. */
    synchronized void learn(Revision revision) {
        if (!have(revision)) {
            last = revision;
            lastAppended = CompletableFuture.completedFuture(null);
        }
    }

    /**
     * Appends a verified announcement, unless its revision is too old or announced already. Announcements are appended one after the
     * other, in the order of these calls.
     *
     * @param rules what the repository and the sender may do
     * @param append begins the append and does not block; called at most once, perhaps on another thread that is appending an
     *     announcement of the same repository
     * @return fails as the append failed
     */
    CompletableFuture<Admittance> admit(
            Revision revision, AppendRules rules, Supplier<CompletableFuture<Void>> append) {
        CompletableFuture<Void> appended = new CompletableFuture<>();
        synchronized (this) {
            if (last != null && last.isNewerThan(revision) && !rules.allowRollback()) {
                return CompletableFuture.completedFuture(Admittance.TOO_OLD);
            }
            if (!rules.allowRepeat() && revision.equals(last) && !lastAppended.isDone()) {
                return lastAppended.thenApply(done -> Admittance.ANNOUNCED_BEFORE);
            }
            if (!rules.allowRepeat() && (rules.lastValue() == LastValue.SAME || wasAppended(revision, rules))) {
                return CompletableFuture.completedFuture(Admittance.ANNOUNCED_BEFORE);
            }
            waiting.add(() -> begin(append, appended));
            last = revision;
            lastAppended = appended;
        }
        for (Runnable next = first(); next != null; next = next()) {
            next.run();
        }
        return appended.thenApply(done -> Admittance.APPENDED);
    }

    /**
     * Unknown where a repository may roll back: another proxy may have appended a different revision since. What the log has
     * forgotten since reaches no new subscriber, so it does not count.
     */
    private boolean wasAppended(Revision revision, AppendRules rules) {
        return revision.equals(last)
                && rules.lastValue() != LastValue.NONE
                && !rules.allowRollback()
                && !lastAppended.isCompletedExceptionally();
    }

    /** Returns the first append that waits; null if there is none, or another thread is appending, which then begins it too. */
    private synchronized @Nullable Runnable first() {
        return isAppending ? null : next();
    }

    private synchronized @Nullable Runnable next() {
        Runnable next = waiting.poll();
        isAppending = next != null;
        return next;
    }

    private static void begin(Supplier<CompletableFuture<Void>> append, CompletableFuture<Void> appended) {
        try {
            var unused = append.get().whenComplete((done, failure) -> {
                if (failure == null) {
                    appended.complete(null);
                } else {
                    appended.completeExceptionally(failure);
                }
            });
        } catch (RuntimeException e) {
            appended.completeExceptionally(e);
        }
    }
}
