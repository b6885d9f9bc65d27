package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.FileProblem;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotFoundException;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation.Folder;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Reads the manifest named by an argument: a repository's URL or folder, or a file. */
final class ManifestInput {

    static final String FILES = "Name a repository's folder, which contains .cvmfspublished, or such a file, or a URL.";

    private ManifestInput() {}

    /** Reports a file that is not a manifest. */
    static CommandFailure noManifest(InvalidInputException cause) {
        return new CommandFailure(ExitCode.CANNOT_READ, String.valueOf(cause.getMessage()), FILES, cause);
    }

    /** Tells whether the argument names a manifest's file, not a repository. */
    static boolean isFile(RepositoryLocation location) {
        return location instanceof Folder folder && Files.isRegularFile(folder.root());
    }

    /**
     * Reads the whole {@code .cvmfspublished}, without parsing it.
     *
     * @throws CommandFailure with the exit code of {@code cvmfs_swissknife notify}
     */
    static byte[] read(RepositoryReader reader, RepositoryLocation location) {
        if (location instanceof Folder folder && isFile(location)) {
            return readFile(folder.root());
        }
        try {
            return get(reader.manifest(location, null)).bytes();
        } catch (NotifyException e) {
            throw new CommandFailure(
                    exitCode(location, e),
                    "manifest of %s: %s".formatted(location, e.getMessage()),
                    location instanceof Folder
                            ? FILES
                            : "Does 'curl -I %s/.cvmfspublished' find it?".formatted(location),
                    e);
        }
    }

    /**
     * Waits for a future.
     *
     * @throws NotifyException if it fails with one
     */
    static <T> T get(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof NotifyException expected) {
                throw expected;
            }
            throw e;
        }
    }

    private static int exitCode(RepositoryLocation location, NotifyException failure) {
        if (failure instanceof InvalidInputException) {
            return ExitCode.CANNOT_READ;
        } else if (location instanceof Folder) {
            return failure instanceof NotFoundException ? ExitCode.CANNOT_OPEN : ExitCode.CANNOT_READ;
        }
        return ExitCode.DOWNLOAD_FAILED;
    }

    private static byte[] readFile(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return readAll(in, file);
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.CANNOT_OPEN, "cannot open %s: %s".formatted(file, FileProblem.reason(e)), FILES, e);
        }
    }

    private static byte[] readAll(InputStream in, Path file) {
        try {
            byte[] bytes = in.readNBytes(ActivityMessage.MAX_MANIFEST_BYTES + 1);
            if (bytes.length > ActivityMessage.MAX_MANIFEST_BYTES) {
                throw new CommandFailure(
                        ExitCode.CANNOT_READ,
                        "%s is longer than a manifest's limit of %d bytes"
                                .formatted(file, ActivityMessage.MAX_MANIFEST_BYTES),
                        FILES,
                        null);
            }
            return bytes;
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.CANNOT_READ, "cannot read %s: %s".formatted(file, FileProblem.reason(e)), FILES, e);
        }
    }
}
