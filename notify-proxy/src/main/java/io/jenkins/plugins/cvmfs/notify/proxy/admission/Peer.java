package io.jenkins.plugins.cvmfs.notify.proxy.admission;

import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end of a request, as far as the connection shows it. The front end fills it in, the admission decides by it.
 *
 * @param address the client's address; behind a proxy that is named as trusted the one that the proxy tells
 * @param direct whether {@code address} is really the client's: false if the request says that it was passed on by a proxy, and no
 *     trusted one vouches for that
 * @param certificateOrNull the client certificate that the TLS handshake has verified; null if there is none
 */
public record Peer(
        InetAddress address, boolean direct, @Nullable X509Certificate certificateOrNull) {

    /** The client certificate that the TLS handshake has verified. */
    public Optional<X509Certificate> certificate() {
        return Optional.ofNullable(certificateOrNull);
    }

    /** Whether it is a program on this machine. */
    public boolean isLocal() {
        return direct && address.isLoopbackAddress();
    }
}
