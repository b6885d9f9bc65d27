package io.jenkins.plugins.cvmfs.notify.proxy.http;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The sender of a request, as the connection shows it.
 *
 * @param address the client's address; behind a trusted proxy the one that the proxy names
 * @param source how the address is known
 * @param certificateOrNull the client certificate that the TLS handshake has verified; null if there is none
 */
public record Peer(
        InetAddress address, Source source, @Nullable X509Certificate certificateOrNull) {

    private static final int NETWORK_BYTES = 8;

    /** How an address is known. */
    public enum Source {
        /** It is the other end of the connection. That may be a forwarder, such as a tunnel, which looks like a client. */
        SOCKET,
        /** It is a trusted proxy's, or one that a trusted proxy names. */
        TRUSTED_PROXY,
        /** It is not the client's: the request was forwarded, and no trusted proxy says for whom. */
        UNKNOWN
    }

    public Optional<X509Certificate> certificate() {
        return Optional.ofNullable(certificateOrNull);
    }

    /** Returns true if the address is the client's, so that the rights of its network apply. */
    public boolean isAddressKnown() {
        return source != Source.UNKNOWN;
    }

    /** Returns true if the other end of the connection is on this machine; never because of what a header claims. */
    public boolean isLocal() {
        return source == Source.SOCKET && address.isLoopbackAddress();
    }

    /** Returns what counts as one client: the IPv4 address, or the first address of the IPv6 network of 64 bits. */
    public InetAddress network() {
        return networkOf(address);
    }

    static InetAddress networkOf(InetAddress address) {
        if (!(address instanceof Inet6Address)) {
            return address;
        }
        byte[] network = address.getAddress();
        Arrays.fill(network, NETWORK_BYTES, network.length, (byte) 0);
        try {
            return InetAddress.getByAddress(network);
        } catch (UnknownHostException e) {
            throw new AssertionError("16 bytes are an address", e);
        }
    }
}
