package io.jenkins.plugins.cvmfs.notify.proxy.cli;

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

/** Reads the manifest that an argument names: by its repository's URL or folder, or as a file of its own. */
final class ManifestInput {

    static final String FILES =
            "Name the folder of a repository, which has a file .cvmfspublished, or such a file, or a URL.";

    private ManifestInput() {}

    /** What was read is no manifest. */
    static CommandFailure noManifest(InvalidInputException cause) {
        return new CommandFailure(ExitCode.CANNOT_READ, String.valueOf(cause.getMessage()), FILES, cause);
    }

    /** Whether the argument names a manifest's file, and not a repository. */
    static boolean isFile(RepositoryLocation location) {
        return location instanceof Folder folder && Files.isRegularFile(folder.root());
    }

    /**
     * The whole {@code .cvmfspublished}. Whether it is one, its reader will find out.
     *
     * @throws CommandFailure with the exit code of {@code cvmfs_swissknife notify}
     */
    static byte[] read(RepositoryReader reader, RepositoryLocation location) {
        if (location instanceof Folder folder && isFile(location)) {
            return readFile(folder.root());
        }
        try {
            return Blocking.get(reader.manifest(location, null)).bytes();
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
                    ExitCode.CANNOT_OPEN, "cannot open %s: %s".formatted(file, e.getMessage()), FILES, e);
        }
    }

    private static byte[] readAll(InputStream in, Path file) {
        try {
            byte[] bytes = in.readNBytes(ActivityMessage.MAX_MANIFEST_BYTES + 1);
            if (bytes.length > ActivityMessage.MAX_MANIFEST_BYTES) {
                throw new CommandFailure(
                        ExitCode.CANNOT_READ,
                        "%s is longer than the %d bytes of a manifest"
                                .formatted(file, ActivityMessage.MAX_MANIFEST_BYTES),
                        FILES,
                        null);
            }
            return bytes;
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.CANNOT_READ, "cannot read %s: %s".formatted(file, e.getMessage()), FILES, e);
        }
    }
}
