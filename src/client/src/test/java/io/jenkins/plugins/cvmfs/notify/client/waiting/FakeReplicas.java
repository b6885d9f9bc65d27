package io.jenkins.plugins.cvmfs.notify.client.waiting;

import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash.ObjectKind;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.transport.FetchedManifest;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import io.jenkins.plugins.cvmfs.notify.client.transport.UnsignedManifests;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Replicas in memory. They answer at once, unless their answers are held back. Thread-safe. */
class FakeReplicas implements RepositoryReader {

    static final RepositoryName REPOSITORY = new RepositoryName("sw.example.org");
    static final Instant PUBLISHED = Instant.parse("2026-11-23T21:00:00Z");

    private final Map<String, FetchedManifest> manifests = new HashMap<>();
    private final List<Runnable> held = new ArrayList<>();
    private final Map<String, Integer> underWay = new HashMap<>();
    private final List<RepositoryLocation> manifestReads = new ArrayList<>();
    private boolean holding;
    private int most;
    private int mostAtOneHost;
    private int conditional;
    private int cancelled;

    /** Lets the replica at this place serve this revision from now on. */
    synchronized void serve(String location, long revision) {
        serve(location, REPOSITORY, revision);
    }

    synchronized void serve(String location, RepositoryName repository, long revision) {
        ContentHash rootHash = ContentHash.of(HashAlgorithm.SHA1, new byte[] {(byte) revision});
        byte[] bytes = UnsignedManifests.bytes(repository, new Revision(revision), rootHash, PUBLISHED);
        manifests.put(RepositoryLocation.parse(location).toString(), UnsignedManifests.read(bytes));
    }

    /** From now on answers wait for {@link #release()}. */
    synchronized void hold() {
        holding = true;
    }

    /** Gives the answers held back, as they were when they were asked for; further ones come at once. */
    void release() {
        List<Runnable> answers;
        synchronized (this) {
            holding = false;
            answers = List.copyOf(held);
            held.clear();
        }
        answers.forEach(Runnable::run);
    }

    synchronized int heldBack() {
        return held.size();
    }

    /** The most questions that were under way at a time. */
    synchronized int most() {
        return most;
    }

    synchronized int mostAtOneHost() {
        return mostAtOneHost;
    }

    /** How many reads of manifests there were. */
    synchronized int manifestReads() {
        return manifestReads.size();
    }

    /** How many of them brought the manifest that was read before. */
    synchronized int conditionalReads() {
        return conditional;
    }

    synchronized int cancelled() {
        return cancelled;
    }

    @Override
    public CompletableFuture<FetchedManifest> manifest(
            RepositoryLocation location, @Nullable FetchedManifest previous) {
        FetchedManifest current;
        synchronized (this) {
            manifestReads.add(location);
            current = manifests.get(location.toString());
            conditional += previous != null && previous == current ? 1 : 0;
        }
        return answer(location, () -> {
            if (current == null) {
                throw new TransientFailureException(location + ": cannot connect: connection refused");
            }
            return current;
        });
    }

    @Override
    public CompletableFuture<Boolean> objectPresent(RepositoryLocation location, ContentHash hash, ObjectKind kind) {
        return answer(location, () -> kind == ObjectKind.CATALOG);
    }

    @Override
    public CompletableFuture<byte[]> file(RepositoryLocation location, String path, int maxBytes) {
        throw new UnsupportedOperationException("a gate reads no other files");
    }

    @Override
    public CompletableFuture<Optional<Instant>> lastSnapshot(RepositoryLocation location) {
        return answer(location, Optional::empty);
    }

    private <T> CompletableFuture<T> answer(RepositoryLocation location, Supplier<T> answer) {
        String host =
                location instanceof RepositoryLocation.Web web ? web.root().getAuthority() : "";
        CompletableFuture<T> future = new CompletableFuture<>();
        Runnable answering = () -> {
            synchronized (this) {
                underWay.merge(host, -1, Integer::sum);
            }
            try {
                future.complete(answer.get());
            } catch (RuntimeException e) {
                future.completeExceptionally(e);
            }
        };
        var unused = future.whenComplete((value, thrown) -> {
            synchronized (this) {
                cancelled += future.isCancelled() ? 1 : 0;
            }
        });
        synchronized (this) {
            mostAtOneHost = Math.max(mostAtOneHost, underWay.merge(host, 1, Integer::sum));
            most = Math.max(
                    most, underWay.values().stream().mapToInt(Integer::intValue).sum());
            if (holding) {
                held.add(answering);
                return future;
            }
        }
        answering.run();
        return future;
    }
}
