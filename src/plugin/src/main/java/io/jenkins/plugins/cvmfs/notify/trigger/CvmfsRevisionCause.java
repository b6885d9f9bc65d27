package io.jenkins.plugins.cvmfs.notify.trigger;

import hudson.EnvVars;
import hudson.Extension;
import hudson.model.Cause;
import hudson.model.EnvironmentContributor;
import hudson.model.Run;
import hudson.model.TaskListener;
import io.jenkins.plugins.cvmfs.notify.client.gate.ManifestSummary;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.kohsuke.stapler.export.Exported;

/**
 * The revision that a build was started for. Queue items and builds save the names of this class and of its fields; pipelines see
 * its properties in {@code currentBuild.buildCauses}.
 */
public final class CvmfsRevisionCause extends Cause {

    private final String repository;
    private String revision = "";
    private String rootHash = "";
    private @Nullable String publishedAt;

    CvmfsRevisionCause(RepositoryName repository, ManifestSummary found) {
        this.repository = repository.value();
        adopt(found);
    }

    private void adopt(ManifestSummary found) {
        revision = found.revision().toString();
        rootHash = found.rootHash().toString();
        publishedAt = Objects.toString(found.publishedAt(), null);
    }

    /**
     * Returns the revisions that a build was started for, at most one of each repository; none if no such trigger started it.
     * Several if revisions of several repositories were found while the build was in the queue.
     */
    public static List<CvmfsRevisionCause> of(Run<?, ?> build) {
        return in(build.getCauses()).toList();
    }

    static Stream<CvmfsRevisionCause> in(List<Cause> causes) {
        return causes.stream().filter(CvmfsRevisionCause.class::isInstance).map(CvmfsRevisionCause.class::cast);
    }

    /** The fully qualified name. */
    @Exported(visibility = 3)
    public String getRepository() {
        return repository;
    }

    /** The number of the revision. */
    @Exported(visibility = 3)
    public long getRevision() {
        return found().revision().bits();
    }

    /** The hash of its root catalog, as in the manifest. */
    @Exported(visibility = 3)
    public String getRootHash() {
        return rootHash;
    }

    /** When it was published, ISO 8601 in UTC; null if the manifest has no time. */
    @Exported(visibility = 3)
    public @Nullable String getPublishedAt() {
        return publishedAt;
    }

    ManifestSummary found() {
        return new ManifestSummary(
                Revision.parse(revision),
                ContentHash.parse(rootHash),
                publishedAt == null ? null : Instant.parse(publishedAt));
    }

    @Override
    public String getShortDescription() {
        return Messages.CvmfsRevisionCause_ShortDescription(revision, repository);
    }

    @Override
    public String toString() {
        return repository + " revision " + revision;
    }

    /** Takes over the newest revision when the build leaves the queue, where it may have waited for long. */
    @Override
    @SuppressWarnings("rawtypes") // As in the class above.
    public void onAddedTo(Run build) {
        RevisionTriggers.get()
                .leavesQueue(build.getParent().getFullName(), this)
                .ifPresent(this::adopt);
    }

    /** Gives the revision to the build as environment variables; that of the first cause if there are several. */
    @Extension
    public static final class Variables extends EnvironmentContributor {

        @Override
        @SuppressWarnings("rawtypes") // As in the class above.
        public void buildEnvironmentFor(Run build, EnvVars variables, TaskListener listener) {
            Run<?, ?> run = build;
            of(run).stream().findFirst().ifPresent(cause -> {
                variables.put("CVMFS_REPOSITORY", cause.repository);
                variables.put("CVMFS_REVISION", cause.revision);
                variables.put("CVMFS_ROOT_HASH", cause.rootHash);
            });
        }
    }
}
