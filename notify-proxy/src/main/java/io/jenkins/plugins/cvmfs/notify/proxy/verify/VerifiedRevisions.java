package io.jenkins.plugins.cvmfs.notify.proxy.verify;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.SignatureVerifier.Admittance;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The newest verified revision of each repository, and the order in which verified announcements are appended. One entry for each
 * repository that publishes. Thread-safe; no lock is held while an append runs.
 */
final class VerifiedRevisions {

    private final ConcurrentMap<RepositoryName, Entry> entries = new ConcurrentHashMap<>();

    Optional<Revision> of(RepositoryName repository) {
        return Optional.ofNullable(entries.get(repository)).flatMap(Entry::revision);
    }

    /** Notes a verified revision that is in the log already. */
    void learn(RepositoryName repository, Revision revision) {
        entry(repository).learn(revision);
    }

    /**
     * Appends a verified announcement, unless its revision is too old or announced already. Announcements of one repository are
     * appended one after the other, in the order of these calls.
     *
     * @param rules what the repository and the sender may do
     * @param append begins the append and does not block; called at most once, perhaps on another thread that is appending an
     *     announcement of the same repository
     * @return fails as the append failed
     */
    CompletableFuture<Admittance> admit(
            RepositoryName repository, Revision revision, AppendRules rules, Supplier<CompletableFuture<Void>> append) {
        return entry(repository).admit(revision, rules, append);
    }

    private Entry entry(RepositoryName repository) {
        return entries.computeIfAbsent(repository, name -> new Entry());
    }

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

    /** A queued append. */
    private record Append(Supplier<CompletableFuture<Void>> start, CompletableFuture<Void> result) {
        void run() {
            try {
                var unused = start.get().whenComplete((done, failure) -> {
                    if (failure == null) {
                        result.complete(null);
                    } else {
                        result.completeExceptionally(failure);
                    }
                });
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            }
        }
    }

    /** One repository. */
    private static final class Entry {

        private final Queue<Append> waiting = new ArrayDeque<>();
        private boolean appending;
        private @Nullable Revision last;
        private CompletableFuture<Void> lastAppended = CompletableFuture.completedFuture(null);

        synchronized Optional<Revision> revision() {
            return Optional.ofNullable(last);
        }

        synchronized void learn(Revision revision) {
            if (last == null || revision.isNewerThan(last)) {
                last = revision;
                lastAppended = CompletableFuture.completedFuture(null);
            }
        }

        CompletableFuture<Admittance> admit(
                Revision revision, AppendRules rules, Supplier<CompletableFuture<Void>> append) {
            CompletableFuture<Void> appended;
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
                appended = new CompletableFuture<>();
                waiting.add(new Append(append, appended));
                last = revision;
                lastAppended = appended;
            }
            appendWaiting();
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

        private void appendWaiting() {
            for (Append next = begin(); next != null; next = next()) {
                next.run();
            }
        }

        /** Returns the first queued append; null if there is none, or another thread is appending. */
        private synchronized @Nullable Append begin() {
            return appending ? null : next();
        }

        private synchronized @Nullable Append next() {
            Append next = waiting.poll();
            appending = next != null;
            return next;
        }
    }
}
