package io.jenkins.plugins.cvmfs.notify.client.gate;

import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import org.jspecify.annotations.Nullable;

/** The revision that a replica must serve in order to count. Immutable. */
public sealed interface Target {

    /** This revision or a newer one. */
    record AtLeast(Revision revision) implements Target {
        @Override
        public boolean isMetBy(ManifestSummary manifest) {
            return !revision.isNewerThan(manifest.revision());
        }

        @Override
        public boolean isAhead(Revision other) {
            return revision.isNewerThan(other);
        }

        @Override
        public String toString() {
            return "revision " + revision + " or newer";
        }
    }

    /** Any revision newer than this one. */
    record NewerThan(Revision revision) implements Target {
        @Override
        public boolean isMetBy(ManifestSummary manifest) {
            return manifest.revision().isNewerThan(revision);
        }

        @Override
        public boolean isAhead(Revision other) {
            return !other.isNewerThan(revision);
        }

        @Override
        public String toString() {
            return "a revision newer than " + revision;
        }
    }

    /**
     * The revision with this root catalog, or a newer one if the number of that revision is known.
     *
     * @param revision the number of the revision with this root catalog; null until the caller or a replica's manifest gives
     *     it. Until then a replica that is past the hash does not meet the target: hashes have no order
     */
    record RootHash(ContentHash hash, @Nullable Revision revision) implements Target {
        @Override
        public boolean isMetBy(ManifestSummary manifest) {
            return isHashOf(manifest)
                    || (revision != null && manifest.revision().isNewerThan(revision));
        }

        @Override
        public boolean isAhead(Revision other) {
            return revision != null && !other.isNewerThan(revision);
        }

        private boolean isHashOf(ManifestSummary manifest) {
            return manifest.toldRootHash().filter(hash::equals).isPresent();
        }

        @Override
        public Target learn(ManifestSummary served) {
            return revision == null && isHashOf(served) ? new RootHash(hash, served.revision()) : this;
        }

        @Override
        public String toString() {
            return "root hash " + hash + (revision == null ? "" : " (revision " + revision + ") or newer");
        }
    }

    /** Returns true if a replica that serves this manifest has what is waited for; its root catalog is checked separately. */
    boolean isMetBy(ManifestSummary manifest);

    /** Returns true if this revision, with another root hash, is known to be older than what is waited for. */
    boolean isAhead(Revision other);

    /** Returns the target with what this manifest adds. */
    default Target learn(ManifestSummary served) {
        return this;
    }
}
