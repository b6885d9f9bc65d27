package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads files of repositories in mounted file systems. A file system may hang for ever, so this happens on threads of its own,
 * and no caller waits for them longer than its time limit.
 */
final class FolderRepository {

    private final Executor executor;

    /** @param executor may reject what is too much */
    FolderRepository(Executor executor) {
        this.executor = executor;
    }

    /** The file, or {@code previous} if that has the same bytes. */
    CompletableFuture<FetchedManifest> manifest(Path file, int maxBytes, @Nullable FetchedManifest previous) {
        return run(() -> {
            byte[] bytes = read(file, maxBytes);
            return previous != null && previous.hasBytes(bytes)
                    ? previous
                    : FetchedManifest.read(file.toString(), bytes, null, null);
        });
    }

    /** The whole file. */
    CompletableFuture<byte[]> file(Path file, int maxBytes) {
        return run(() -> read(file, maxBytes));
    }

    /** Whether the file is there. */
    CompletableFuture<Boolean> isPresent(Path file) {
        return run(() -> Files.isRegularFile(file));
    }

    private <T> CompletableFuture<T> run(Supplier<T> task) {
        try {
            return CompletableFuture.supplyAsync(task, executor);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(new TransientFailureException(
                    "too many files are waiting to be read; does a file system hang?", e));
        }
    }

    private static byte[] read(Path file, int maxBytes) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(maxBytes + 1);
            if (bytes.length > maxBytes) {
                throw new InvalidInputException(
                        "%s: longer than the %d bytes that are allowed".formatted(file, maxBytes));
            }
            return bytes;
        } catch (NoSuchFileException e) {
            throw new NotFoundException(file + ": no such file");
        } catch (AccessDeniedException e) {
            throw new RefusedException(file + ": this user may not read it", e);
        } catch (IOException e) {
            throw new TransientFailureException("%s: cannot be read: %s".formatted(file, e.getMessage()), e);
        }
    }
}
