package io.jenkins.plugins.cvmfs.notify.trigger;

import io.jenkins.plugins.cvmfs.notify.client.gate.ManifestSummary;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** {@link KnownRevisions} as a file of the job has it. Jenkins saves the names of these classes and of their fields. */
final class SavedRevisions {

    private final String since;
    private final @Nullable Saved handled;
    private final @Nullable Saved withdrawn;
    private final List<Saved> pending = new ArrayList<>();
    /** Null also in files of older versions of the plugin. */
    private final @Nullable String pendingSince;

    private final @Nullable String lastBuildAt;

    SavedRevisions(KnownRevisions known) {
        this.since = known.since().toString();
        this.handled = Saved.of(known.handled());
        this.withdrawn = Saved.of(known.withdrawn());
        known.pending().forEach(revision -> pending.add(new Saved(revision)));
        this.pendingSince = Objects.toString(known.pendingSince(), null);
        this.lastBuildAt = Objects.toString(known.lastBuildAt(), null);
    }

    KnownRevisions known() {
        return new KnownRevisions(
                Instant.parse(since),
                handled == null ? null : handled.summary(),
                withdrawn == null ? null : withdrawn.summary(),
                pending.stream().map(Saved::summary).toList(),
                pendingSince == null ? null : Instant.parse(pendingSince),
                lastBuildAt == null ? null : Instant.parse(lastBuildAt));
    }

    /** One revision. */
    static final class Saved {

        private final String revision;
        private final String rootHash;
        private final @Nullable String publishedAt;

        Saved(ManifestSummary summary) {
            this.revision = summary.revision().toString();
            this.rootHash = summary.rootHash().toString();
            this.publishedAt = Objects.toString(summary.publishedAt(), null);
        }

        static @Nullable Saved of(@Nullable ManifestSummary summary) {
            return summary == null ? null : new Saved(summary);
        }

        ManifestSummary summary() {
            return new ManifestSummary(
                    Revision.parse(revision),
                    ContentHash.parse(rootHash),
                    publishedAt == null ? null : Instant.parse(publishedAt));
        }
    }
}
