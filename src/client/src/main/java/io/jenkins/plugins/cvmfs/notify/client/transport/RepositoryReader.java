package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash.ObjectKind;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the files of repositories, from web servers and mounted file systems, and what mounted CernVM-FS clients serve. One reader serves
 * any number of locations at the same time. It belongs to a {@link Network} and needs no closing; closing the network cancels what is
 * unfinished.
 *
 * <p>Thread-safe; no method except {@link #fileNow} blocks. Calls run concurrently and finish in any order. A transient failure is
 * retried once after 0.5 to 1 s, or the time that {@code Retry-After} asks for, up to 30 s; both attempts together take at most the
 * network's read time limit (60 s by default), {@link #lastSnapshot} at most twice that, because it may read two files.
 * Futures complete on the network's threads, which must not be blocked; cancelling one ends its request. A future fails with
 *
 * <ul>
 *   <li>{@link NotFoundException} if the location answered but has no such file (403, 404, 410);
 *   <li>{@link TransientFailureException} if it was unreachable, too slow or busy (429, 5xx);
 *   <li>{@link RefusedException} if it or the HTTP proxy asks for credentials (401, 407), or the file system denies permission;
 *   <li>{@link InvalidInputException} if the file is malformed or longer than the limit;
 *   <li>{@link PermanentFailureException} after a redirect, which is never followed, an untrusted certificate, or another status.
 * </ul>
 */
public interface RepositoryReader {

    /**
     * Reads the manifest ({@code .cvmfspublished}); its signature is not verified. If it is unchanged, the future gives {@code
     * previous} itself, and a web server has sent only headers. Of {@linkplain RepositoryLocation.EachAddress each address} it gives the
     * manifest with the lowest revision, with a {@linkplain FetchedManifest#note note} of the addresses that lag; it fails if one
     * address cannot be read. A cache fetches it anew, and then is read as its clients read it.
     *
     * @param previous the result of an earlier call for this location, or null
     */
    CompletableFuture<FetchedManifest> manifest(RepositoryLocation location, @Nullable FetchedManifest previous);

    /** Looks for an object, with HEAD, so that no content is transferred. 403, 404 and 410 mean false. */
    CompletableFuture<Boolean> objectPresent(RepositoryLocation location, ContentHash hash, ObjectKind kind);

    /**
     * Reads a file, such as {@code .cvmfswhitelist} or {@code data/ab/cd…X}, as it is stored; its hash is not verified.
     *
     * @param path relative to the repository's root
     * @param maxBytes the longest file, in bytes; a longer one fails
     */
    CompletableFuture<byte[]> file(RepositoryLocation location, String path, int maxBytes);

    /**
     * Reads a file like {@link #file}, and blocks until it is read.
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
     * Reads when the last snapshot of this replica ended, from {@code .cvmfs_status.json}, else from {@code .cvmfs_last_snapshot};
     * empty if neither holds a time, as on a stratum 0.
     */
    default CompletableFuture<Optional<Instant>> lastSnapshot(RepositoryLocation location) {
        return location instanceof RepositoryLocation.MountPoint
                ? CompletableFuture.completedFuture(Optional.empty())
                : SnapshotTime.read(this, location);
    }

    /**
     * The revision that a mounted client serves.
     *
     * @param rootHash of its root catalog; null if the client does not tell
     * @param repository the name of what is mounted there; null if the client does not tell
     */
    record MountedRevision(
            Revision revision,
            @Nullable ContentHash rootHash,
            @Nullable RepositoryName repository) {}

    /**
     * Reads what a mounted client serves; for a client that was told of a new revision this also makes it use it. A mount of this machine is
     * read at most once a second, and never while an earlier read has not returned; a client that is stopped fails after 10 s. Of mounts of
     * other machines any number may be read at the same time. Fails with {@link InvalidInputException} if this reader reads no such mounts.
     */
    default CompletableFuture<MountedRevision> mounted(RepositoryLocation.MountPoint mount) {
        return CompletableFuture.failedFuture(noSuchMounts(mount));
    }

    /** Looks for the path that must exist in the mounted repository; true if none must. Called after {@link #mounted}. */
    default CompletableFuture<Boolean> pathPresent(RepositoryLocation.MountPoint mount) {
        return CompletableFuture.failedFuture(noSuchMounts(mount));
    }

    private static InvalidInputException noSuchMounts(RepositoryLocation.MountPoint mount) {
        return new InvalidInputException(mount
                + (mount instanceof RepositoryLocation.Mount
                        ? ": this reader reads no mounts"
                        : ": this reader reads no mounts of other machines"));
    }

    /**
     * Parses the location of a replica, including the kinds that only this reader can read.
     *
     * @throws InvalidInputException as {@link RepositoryLocation#parse}
     */
    default RepositoryLocation location(String text) {
        return RepositoryLocation.parse(text);
    }
}
