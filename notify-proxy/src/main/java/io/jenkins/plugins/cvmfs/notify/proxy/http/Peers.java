package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.proxy.access.Peer;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Peer.Source;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AddressRange;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AsciiString;
import io.netty.util.AttributeKey;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** Finds out who sends the requests of a connection: the other end of the socket, or the client that a trusted proxy names. */
final class Peers {

    private static final AttributeKey<Told> TOLD = AttributeKey.valueOf(Peers.class, "told");
    private static final AsciiString FORWARDED_FOR = AsciiString.cached("X-Forwarded-For");

    /** What proxies add to the requests that they pass on. */
    private static final List<AsciiString> PASSED_ON = List.of(
            FORWARDED_FOR,
            AsciiString.cached("Forwarded"),
            AsciiString.cached("X-Real-IP"),
            AsciiString.cached("X-Forwarded-Host"),
            HttpHeaderNames.VIA);

    private static final InetAddress NOBODY = nobody();

    /** What a trusted proxy has said of a connection. */
    private record Told(@Nullable InetAddress clientOrNull) {}

    private final List<AddressRange> trusted;

    /** @param trusted the proxies in front */
    Peers(List<AddressRange> trusted) {
        this.trusted = trusted;
    }

    boolean isTrusted(InetAddress address) {
        for (AddressRange range : trusted) {
            if (range.contains(address)) {
                return true;
            }
        }
        return false;
    }

    /** The address at the other end of the socket; {@code 0.0.0.0} if it has gone already. */
    static InetAddress socketAddress(Channel channel) {
        return channel.remoteAddress() instanceof InetSocketAddress socket && socket.getAddress() != null
                ? socket.getAddress()
                : NOBODY;
    }

    /** Who uses the connection: whom a header of the PROXY protocol has told, else the other end of the socket. */
    static InetAddress address(Channel channel) {
        Told told = toldOf(channel);
        return told == null || told.clientOrNull() == null ? socketAddress(channel) : told.clientOrNull();
    }

    private static @Nullable Told toldOf(Channel channel) {
        // Asking for an attribute makes one.
        return channel.hasAttr(TOLD) ? channel.attr(TOLD).get() : null;
    }

    /** A trusted proxy has told who uses the connection. */
    static void told(Channel channel, InetAddress client) {
        channel.attr(TOLD).set(new Told(client));
    }

    /** A trusted proxy uses the connection for somebody whose address it does not tell, or for itself. */
    static void toldNobody(Channel channel) {
        channel.attr(TOLD).set(new Told(null));
    }

    private Source source(Channel channel, InetAddress address) {
        Told told = toldOf(channel);
        if (told == null) {
            return isTrusted(address) ? Source.TRUSTED_PROXY : Source.SOCKET;
        }
        return told.clientOrNull() == null ? Source.UNKNOWN : Source.TRUSTED_PROXY;
    }

    /** Who sends this request over a connection that is used from this address. */
    Peer of(Channel channel, InetAddress address, RequestHead head) {
        Source source = source(channel, address);
        if (source == Source.UNKNOWN || !isPassedOn(head.headers())) {
            return new Peer(address, source, certificate(channel));
        }
        if (!isTrusted(address)) {
            return new Peer(address, Source.UNKNOWN, certificate(channel));
        }
        Optional<InetAddress> client = ForwardedFor.client(head.headers().getAll(FORWARDED_FOR), this::isTrusted);
        return new Peer(client.orElse(address), client.isPresent() ? Source.TRUSTED_PROXY : Source.UNKNOWN, null);
    }

    private static boolean isPassedOn(HttpHeaders headers) {
        for (AsciiString header : PASSED_ON) {
            if (headers.contains(header)) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable X509Certificate certificate(Channel channel) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        try {
            return tls == null
                    ? null
                    : (X509Certificate) tls.engine().getSession().getPeerCertificates()[0];
        } catch (SSLPeerUnverifiedException noneShown) {
            return null;
        }
    }

    private static InetAddress nobody() {
        try {
            return Inet4Address.getByAddress(new byte[4]);
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of four bytes is one", e);
        }
    }
}
