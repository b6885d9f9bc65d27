/**
 * Verifies manifests. A master key, which the reader is configured with, signs the whitelist of a repository; the whitelist
 * names certificates; the key of such a certificate signs the manifest.
 *
 * <p>Start with {@link io.jenkins.plugins.cvmfs.notify.client.trust.ManifestVerifier}; its {@link
 * io.jenkins.plugins.cvmfs.notify.client.trust.Verdict} is a value, and an exception means that a file could not be read.
 * The caller provides the files through {@link io.jenkins.plugins.cvmfs.notify.client.trust.TrustSource}, and the clock.
 *
 * <p>Everything is immutable and thread-safe, and runs on the caller's thread. All input is limited in length, and no input
 * gives anything but a verdict.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.client.trust;

import org.jspecify.annotations.NullMarked;
