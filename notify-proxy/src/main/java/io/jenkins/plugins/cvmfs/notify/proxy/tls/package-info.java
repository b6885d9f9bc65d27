/**
 * PEM files become what TLS wants: certificates, private keys, contexts. For the front end, for the connection to the
 * broker and for the commands that are clients.
 *
 * <p>No threads and no state: each call reads its files, and blocks while it does. Start reading at {@link
 * io.jenkins.plugins.cvmfs.notify.proxy.tls.TlsContexts}.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.tls;

import org.jspecify.annotations.NullMarked;
