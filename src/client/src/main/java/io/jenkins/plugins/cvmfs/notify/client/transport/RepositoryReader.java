package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash.ObjectKind;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a repository publishes, wherever it lies. One reader serves any number of locations at the same time.
 *
 * <p>No method blocks. Each call is tried once more if the server could not be reached or answered with a 5xx status, and ends
 * within the network's read time limit (60 s unless set otherwise), both tries together. Futures complete on the network's
 * threads: do not block there. Cancelling a future ends its request. A failed future holds one of
 *
 * <ul>
 *   <li>{@link NotFoundException}: the location answered, but has no such file (404, 403);
 *   <li>{@code TransientFailureException}: not reachable, too slow, 429 or 5xx;
 *   <li>{@code RefusedException}: 401, or the HTTP proxy asks for credentials;
 *   <li>{@code InvalidInputException}: what is there is not what it should be, or is longer than the limit;
 *   <li>{@code PermanentFailureException}: a redirect, which is never followed, or any other answer.
 * </ul>
 */
public interface RepositoryReader {

    /**
     * The manifest. If it is still the one that was read before, that same instance comes back, and nothing but headers has
     * travelled.
     *
     * @param previous what an earlier call gave for this location, or null
     */
    CompletableFuture<FetchedManifest> manifest(RepositoryLocation location, @Nullable FetchedManifest previous);

    /** Whether the object can be read there; asked with HEAD, so no content travels. 404 and 403 are a no. */
    CompletableFuture<Boolean> objectPresent(RepositoryLocation location, ContentHash hash, ObjectKind kind);

    /**
     * Any file of the repository, such as {@code .cvmfswhitelist} or {@code data/ab/cd…X}, as it is stored; its hash has not
     * been checked.
     *
     * @param path below the repository's root
     * @param maxBytes fail if it is longer
     */
    CompletableFuture<byte[]> file(RepositoryLocation location, String path, int maxBytes);

    /**
     * The same for a caller who may block, such as one who verifies a manifest.
     *
     * @throws NotifyException as {@link #file} fails
     */
    default byte[] fileNow(RepositoryLocation location, String path, int maxBytes) {
        try {
            return file(location, path, maxBytes).join();
        } catch (CompletionException | CancellationException e) {
            throw HttpErrors.of(location.toString(), e);
        }
    }

    /**
     * When this replica's last snapshot ended, from {@code .cvmfs_status.json}, else from {@code .cvmfs_last_snapshot}; empty if
     * the location serves neither, as a stratum 0 does, or nothing that can be read as a time.
     */
    CompletableFuture<Optional<Instant>> lastSnapshot(RepositoryLocation location);
}
