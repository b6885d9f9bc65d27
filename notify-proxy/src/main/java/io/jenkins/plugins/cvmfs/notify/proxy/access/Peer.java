package io.jenkins.plugins.cvmfs.notify.proxy.access;

import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end of a request, as far as the connection shows it. The front end fills it in, the admission decides by it.
 *
 * @param address the client's address; behind a proxy that is named as trusted the one that the proxy tells
 * @param source how the address is known
 * @param certificateOrNull the client certificate that the TLS handshake has verified; null if there is none
 */
public record Peer(
        InetAddress address, Source source, @Nullable X509Certificate certificateOrNull) {

    /** How an address is known. */
    public enum Source {
        /** It is the other end of the connection. That may be a forwarder, such as a tunnel, which nobody can tell from a client. */
        SOCKET,
        /** It is that of a trusted proxy, or one that a trusted proxy tells. */
        TRUSTED_PROXY,
        /** It is not the client's: somebody has passed the request on, and nobody trusted says for whom. */
        UNKNOWN
    }

    /** The client certificate that the TLS handshake has verified. */
    public Optional<X509Certificate> certificate() {
        return Optional.ofNullable(certificateOrNull);
    }

    /** Whether the address is the client's, so that rights of its network count. */
    public boolean isAddressKnown() {
        return source != Source.UNKNOWN;
    }

    /** Whether the other end of the connection is a program on this machine. Never so by what somebody tells. */
    public boolean isLocal() {
        return source == Source.SOCKET && address.isLoopbackAddress();
    }
}
