/**
 * Verifies that a published manifest is signed by a certificate on the repository's whitelist, as the configuration requires.
 *
 * <p>Start with {@link io.jenkins.plugins.cvmfs.notify.proxy.verify.SignatureVerifier}. The chain of trust itself is the client
 * library's; this package protects it in a server that strangers can reach: no thread blocks on a file, one file of a repository is
 * fetched at a time however many publishes need it, and every queue is bounded. Signatures are checked on threads of this package,
 * files arrive on the network's threads; everything is thread-safe.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.verify;

import org.jspecify.annotations.NullMarked;
