package io.jenkins.plugins.cvmfs.notify.proxy.verify;

import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import java.util.concurrent.CompletableFuture;

/** Reads the files of a stratum 0. */
@FunctionalInterface
public interface Stratum0Reader {

    /**
     * Begins to read a file, without blocking. The future completes within a time limit; it fails with a {@link
     * io.jenkins.plugins.cvmfs.notify.client.NotifyException}.
     *
     * @param path below the repository's root
     * @param maxBytes fail if it is longer
     */
    CompletableFuture<byte[]> file(RepositoryLocation stratum0, String path, int maxBytes);
}
