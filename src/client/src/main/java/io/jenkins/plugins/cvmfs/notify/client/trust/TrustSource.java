package io.jenkins.plugins.cvmfs.notify.client.trust;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;

/** Where the verifier reads the certificate and the whitelist of one repository: its web server, or a folder. */
@FunctionalInterface
public interface TrustSource {

    /**
     * Reads a file of the repository; may block. The files under {@code data/} never change and may come from a cache; the
     * whitelist changes every few days.
     *
     * @param path below the repository's root, such as {@code .cvmfswhitelist} or {@code data/ab/cd…X}
     * @param maxBytes longer files need not be read: fail, or return more than this
     * @return the whole file, as it is stored
     * @throws NotifyException if it cannot be read: {@link
     *     io.jenkins.plugins.cvmfs.notify.client.TransientFailureException} if trying again may help
     */
    byte[] read(String path, int maxBytes);
}
