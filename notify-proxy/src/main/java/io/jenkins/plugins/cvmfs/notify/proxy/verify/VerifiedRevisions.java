package io.jenkins.plugins.cvmfs.notify.proxy.verify;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The last verified revision of each repository, and the order in which verified messages are appended. As many entries as there are
 * repositories that publish. From any thread; no lock is held while an append runs.
 */
final class VerifiedRevisions {

    private final ConcurrentMap<RepositoryName, Entry> entries = new ConcurrentHashMap<>();

    Optional<Revision> of(RepositoryName repository) {
        return Optional.ofNullable(entries.get(repository)).flatMap(Entry::revision);
    }

    /** Notes a verified revision that is in the log already, whoever appended it. */
    void learn(RepositoryName repository, Revision revision) {
        entry(repository).learn(revision);
    }

    /**
     * Appends a message whose manifest was verified, unless its revision is too old or needs no further announcement. Messages of
     * one repository are appended one after the other, in the order in which these calls were decided.
     *
     * @param rules what the repository and the sender may do
     * @param append begins to append the message and does not block; called once at most, perhaps by another thread that is
     *     appending a message of the same repository
     * @return fails as the append failed
     */
    CompletableFuture<Admittance> admit(
            RepositoryName repository, Revision revision, Rules rules, Supplier<CompletableFuture<Void>> append) {
        return entry(repository).admit(revision, rules, append);
    }

    private Entry entry(RepositoryName repository) {
        return entries.computeIfAbsent(repository, name -> new Entry());
    }

    /**
     * What is asked of a revision.
     *
     * @param allowRollback whether it may be lower than the last one
     * @param allowRepeat whether it is appended if it is the last one already
     * @param lastValue what the log holds of its repository
     */
    record Rules(boolean allowRollback, boolean allowRepeat, LastValue lastValue) {}

    /** What the log holds of a repository when a message of it comes, whoever appended that. */
    enum LastValue {
        /** Nothing: it was never announced, was forgotten, or left out because of the limits. */
        NONE,
        /** The very manifest of the message. */
        SAME,
        /** Another manifest. */
        OTHER
    }

    /** An append that has its place in the order. */
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

        CompletableFuture<Admittance> admit(Revision revision, Rules rules, Supplier<CompletableFuture<Void>> append) {
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
         * Where a repository may go back this is not known: another proxy may have appended a different revision since. What the log has
         * forgotten since reaches no new subscriber, so it does not count.
         */
        private boolean wasAppended(Revision revision, Rules rules) {
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

        /** The first that waits; null if there is none, or another thread appends already. */
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
