package io.jenkins.plugins.cvmfs.notify.trigger;

import io.jenkins.plugins.cvmfs.notify.client.gate.ManifestSummary;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The known revisions of a repository, kept across restarts.
 *
 * @param since when the trigger first watched the repository: what was published before existed already
 * @param handled the newest revision that was built, or existed at first; null if none was found yet
 * @param withdrawn the newest revision before the last rollback; null if there was none
 * @param pending revisions to build, the oldest first
 * @param pendingSince when the first of the pending revisions was found; null if none is pending
 * @param lastBuildAt when the newest build started; null if there was none
 */
record KnownRevisions(
        Instant since,
        @Nullable ManifestSummary handled,
        @Nullable ManifestSummary withdrawn,
        List<ManifestSummary> pending,
        @Nullable Instant pendingSince,
        @Nullable Instant lastBuildAt) {

    /** The most pending revisions; the oldest beyond are built with the next one. */
    static final int MAX_PENDING = 100;

    /** Copies the list. */
    KnownRevisions {
        pending = List.copyOf(pending);
    }

    /** Returns what is known before the first look. */
    static KnownRevisions first(Instant now) {
        return new KnownRevisions(now, null, null, List.of(), null, null);
    }

    /** Returns the newest revision that was found; empty before the first. */
    Optional<ManifestSummary> newest() {
        return pending.isEmpty() ? Optional.ofNullable(handled) : Optional.of(pending.get(pending.size() - 1));
    }

    /** Returns this with a new revision to build: after those that wait, or in their place. */
    KnownRevisions found(ManifestSummary revision, boolean every, Instant now) {
        List<ManifestSummary> all = every ? new ArrayList<>(pending) : new ArrayList<>();
        all.add(revision);
        ManifestSummary before = newest().orElse(null);
        boolean isRollback = before != null && before.revision().isNewerThan(revision.revision());
        return new KnownRevisions(
                since,
                handled,
                isRollback ? before : withdrawn,
                all.subList(Math.max(0, all.size() - MAX_PENDING), all.size()),
                pending.isEmpty() ? now : pendingSince,
                lastBuildAt);
    }

    /** Returns this without the pending revisions up to this one, which need no build any more. */
    KnownRevisions handled(ManifestSummary revision, @Nullable Instant builtAt) {
        int built = pending.indexOf(revision);
        boolean isNews = built >= 0 || handled == null || revision.revision().isNewerThan(handled.revision());
        List<ManifestSummary> left = pending.subList(built + 1, pending.size());
        return new KnownRevisions(
                since,
                isNews ? revision : handled,
                withdrawn,
                left,
                left.isEmpty() ? null : pendingSince,
                builtAt == null ? lastBuildAt : builtAt);
    }

    /** Returns true if a replica that serves this lower revision was rolled back, and is not merely behind. */
    boolean isRollback(ManifestSummary served) {
        return newest().filter(newest -> newest.revision().isNewerThan(served.revision())
                        && isBefore(newest.publishedAt(), served.publishedAt()))
                .isPresent();
    }

    /** Returns true if a replica that serves this revision has not been rolled back yet. */
    boolean isWithdrawn(ManifestSummary served) {
        return withdrawn != null
                && !served.revision().isNewerThan(withdrawn.revision())
                && newest().filter(newest -> isBefore(served.publishedAt(), newest.publishedAt()))
                        .isPresent();
    }

    private static boolean isBefore(@Nullable Instant one, @Nullable Instant other) {
        return one != null && other != null && one.isBefore(other);
    }
}
