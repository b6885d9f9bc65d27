/**
 * PEM files become what TLS needs: certificates, private keys, contexts. For the HTTP server, for the connection to the broker
 * and for the commands that are clients.
 *
 * <p>No threads: each call reads its files, and blocks while it does. Start reading at {@link
 * io.jenkins.plugins.cvmfs.notify.proxy.tls.TlsIdentity}.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.tls;

import org.jspecify.annotations.NullMarked;
