/**
 * A CernVM-FS repository's own description: its fully qualified name, its manifest {@code .cvmfspublished}, revisions, content
 * hashes and the paths of the objects they name.
 *
 * <p>Pure values: no I/O, no threads, no clock. Start with {@link
 * io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest}; {@link
 * io.jenkins.plugins.cvmfs.notify.client.manifest.SignedText} is the file format it shares with the whitelist.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.client.manifest;

import org.jspecify.annotations.NullMarked;
