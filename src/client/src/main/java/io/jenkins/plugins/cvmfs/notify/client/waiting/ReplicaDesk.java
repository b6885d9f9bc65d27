package io.jenkins.plugins.cvmfs.notify.client.waiting;

import io.jenkins.plugins.cvmfs.notify.client.gate.ManifestSummary;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash.ObjectKind;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.transport.FetchedManifest;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Answers questions by reading replicas. As long as somebody is interested in a replica it keeps the last manifest from there,
 * so that the next read costs only headers. Any thread may call.
 */
final class ReplicaDesk {

    private record Interest(int gates, @Nullable FetchedManifest last) {}

    private final RepositoryReader reader;
    private final Map<RepositoryLocation, Interest> interests = new ConcurrentHashMap<>();

    ReplicaDesk(RepositoryReader reader) {
        this.reader = reader;
    }

    /** A gate begins to ask about this replica. */
    void follow(RepositoryLocation location) {
        interests.merge(location, new Interest(1, null), (known, one) -> new Interest(known.gates() + 1, known.last()));
    }

    /** A gate asks no more. */
    void forget(RepositoryLocation location) {
        interests.computeIfPresent(
                location, (same, known) -> known.gates() == 1 ? null : new Interest(known.gates() - 1, known.last()));
    }

    /** The answer; the future does not fail. Cancelling it ends the read. */
    CompletableFuture<ReplicaFinding> answer(Question question) {
        RepositoryLocation location = question.location();
        try {
            if (question instanceof Question.RootCatalog catalog) {
                return finding(
                        reader.objectPresent(location, catalog.hash(), ObjectKind.CATALOG),
                        ReplicaFinding.RootCatalog::new);
            }
            if (question instanceof Question.LastSnapshot) {
                return finding(reader.lastSnapshot(location), at -> new ReplicaFinding.LastSnapshot(at.orElse(null)));
            }
            Interest interest = interests.get(location);
            return finding(
                    reader.manifest(location, interest == null ? null : interest.last()),
                    published -> remember(location, published));
        } catch (RuntimeException | Error e) {
            return CompletableFuture.completedFuture(new ReplicaFinding.Problem(ProblemText.of(e)));
        }
    }

    private static <T> CompletableFuture<ReplicaFinding> finding(
            CompletableFuture<T> read, Function<T, ReplicaFinding> meaning) {
        CompletableFuture<ReplicaFinding> answer =
                read.thenApply(meaning).exceptionally(thrown -> new ReplicaFinding.Problem(ProblemText.of(thrown)));
        var unused = answer.whenComplete((finding, thrown) -> {
            if (answer.isCancelled()) {
                read.cancel(true);
            }
        });
        return answer;
    }

    private ReplicaFinding remember(RepositoryLocation location, FetchedManifest published) {
        interests.computeIfPresent(location, (same, known) -> new Interest(known.gates(), published));
        Manifest manifest = published.manifest();
        return new ReplicaFinding.Manifest(ManifestSummary.of(manifest), manifest.repository());
    }
}
