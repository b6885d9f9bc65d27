package io.jenkins.plugins.cvmfs.notify.client.gate;

import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import org.jspecify.annotations.Nullable;

/** What must be served before a replica counts. */
public sealed interface Target {

    /** This revision or a newer one. */
    record AtLeast(Revision revision) implements Target {
        @Override
        public boolean isMetBy(ManifestSummary publication) {
            return !revision.isNewerThan(publication.revision());
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
        public boolean isMetBy(ManifestSummary publication) {
            return publication.revision().isNewerThan(revision);
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
     * @param revision the number of the revision that has this root catalog; null until the caller or a replica's manifest
     *     tells it. A replica that is already past the hash meets the target only once it is known: hashes have no order
     */
    record RootHash(ContentHash hash, @Nullable Revision revision) implements Target {
        @Override
        public boolean isMetBy(ManifestSummary publication) {
            return hash.equals(publication.rootHash())
                    || (revision != null && publication.revision().isNewerThan(revision));
        }

        @Override
        public boolean isAhead(Revision other) {
            return revision != null && !other.isNewerThan(revision);
        }

        @Override
        public Target learn(ManifestSummary served) {
            return revision == null && hash.equals(served.rootHash()) ? new RootHash(hash, served.revision()) : this;
        }

        @Override
        public String toString() {
            return "root hash " + hash + (revision == null ? "" : " (revision " + revision + ") or newer");
        }
    }

    /** Whether a replica that serves this has what is waited for, as far as the manifest goes. */
    boolean isMetBy(ManifestSummary publication);

    /** Whether it is known that this revision, with another root hash, lies before what is waited for. */
    boolean isAhead(Revision other);

    /** The target as it is after a replica was seen to serve this. */
    default Target learn(ManifestSummary served) {
        return this;
    }
}
