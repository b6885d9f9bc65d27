package io.jenkins.plugins.cvmfs.notify.proxy.admission.trust;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** The last revision of each repository that was verified. As many as there are repositories that publish. From any thread. */
final class VerifiedRevisions {

    private final ConcurrentMap<RepositoryName, Revision> last = new ConcurrentHashMap<>();

    Optional<Revision> of(RepositoryName repository) {
        return Optional.ofNullable(last.get(repository));
    }

    /** A revision that somebody else has let in was verified, too. */
    void learn(RepositoryName repository, Revision revision) {
        last.merge(repository, revision, (one, other) -> one.isNewerThan(other) ? one : other);
    }

    /**
     * Lets a verified revision in, unless it is lower than the last one and that is not allowed. One of a repository at a time, so
     * that revisions are appended in the order in which they were found to rise.
     *
     * @param append does not block
     * @return whether it was let in
     */
    boolean admit(RepositoryName repository, Revision revision, boolean allowRollback, Runnable append) {
        boolean[] admitted = new boolean[1];
        last.compute(repository, (name, known) -> {
            if (known != null && known.isNewerThan(revision) && !allowRollback) {
                return known;
            }
            append.run();
            admitted[0] = true;
            return revision;
        });
        return admitted[0];
    }
}
