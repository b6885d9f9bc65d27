package io.jenkins.plugins.cvmfs.notify.steps;

import hudson.model.InvisibleAction;
import hudson.model.Run;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The newest announcement of each repository by one build, for a wait that names no revision. Saved with the build, so that it is
 * there after a restart and in every branch. Thread-safe.
 */
public final class AnnouncedRevisions extends InvisibleAction {

    /** In the order of their announcement. Never changed, only replaced: Jenkins saves it at any time. */
    private volatile ArrayList<PublishedRevision> revisions = new ArrayList<>();

    AnnouncedRevisions() {}

    /** Returns what the build announced, the newest last. */
    static List<PublishedRevision> of(Run<?, ?> build) {
        AnnouncedRevisions known = build.getAction(AnnouncedRevisions.class);
        return known == null ? List.of() : List.copyOf(known.revisions);
    }

    /**
     * Adds an announcement and saves the build.
     *
     * @throws IOException if the build cannot be saved; the announcement is then known until Jenkins restarts
     */
    static void add(Run<?, ?> build, PublishedRevision revision) throws IOException {
        synchronized (AnnouncedRevisions.class) {
            AnnouncedRevisions known = build.getAction(AnnouncedRevisions.class);
            if (known == null) {
                known = new AnnouncedRevisions();
                build.addAction(known);
            }
            ArrayList<PublishedRevision> changed = new ArrayList<>(known.revisions);
            changed.removeIf(other -> other.getRepository().equals(revision.getRepository()));
            changed.add(revision);
            known.revisions = changed;
        }
        build.save();
    }
}
