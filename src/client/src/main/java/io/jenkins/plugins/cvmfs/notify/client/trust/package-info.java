/**
 * Whether to believe a manifest. A master key, which the reader is configured with, signs the whitelist of a repository; the
 * whitelist names certificates; the key of such a certificate signs the manifest.
 *
 * <p>Start with {@link io.jenkins.plugins.cvmfs.notify.client.trust.ManifestVerifier}; its {@link
 * io.jenkins.plugins.cvmfs.notify.client.trust.Verdict} is a value, not an exception, so that "rejected" and "could not be
 * fetched" stay apart. Where the files come from is up to the caller, through {@link
 * io.jenkins.plugins.cvmfs.notify.client.trust.TrustSource}; what time it is, through a clock.
 *
 * <p>No threads of its own; everything is immutable and safe from any thread. Whatever is read has an upper limit, and no input,
 * however made, gives anything but a verdict.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.client.trust;

import org.jspecify.annotations.NullMarked;
