package io.jenkins.plugins.cvmfs.notify.client.trust;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;

/** Reads the certificate and the whitelist of one repository, from its web server or a folder. */
@FunctionalInterface
public interface TrustSource {

    /**
     * Reads a file of the repository; may block. Files under {@code data/} never change and may come from a cache; the whitelist
     * changes every few days.
     *
     * @param path below the repository's root, such as {@code .cvmfswhitelist} or {@code data/ab/cd…X}
     * @param maxBytes for a longer file, throw, or return more than this many bytes
     * @return the stored bytes of the whole file
     * @throws NotifyException if it cannot be read; {@link
     *     io.jenkins.plugins.cvmfs.notify.client.TransientFailureException} if a retry may help
     */
    byte[] read(String path, int maxBytes);
}
