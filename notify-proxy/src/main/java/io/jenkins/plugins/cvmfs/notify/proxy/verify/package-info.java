/**
 * Whether a published manifest is signed by someone whom the repository's whitelist names, as the configuration asks for it.
 *
 * <p>Start with {@link io.jenkins.plugins.cvmfs.notify.proxy.verify.SignatureVerifier}. The chain of trust itself is the client
 * library's; here stand what surrounds it in a server that strangers talk to: no thread waits for a file, of one repository one
 * file is fetched at a time however many publishes need it, and every queue has an end. Signatures are computed on two threads of
 * this package, files arrive on the reader's; everything is safe from any thread.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.verify;

import org.jspecify.annotations.NullMarked;
