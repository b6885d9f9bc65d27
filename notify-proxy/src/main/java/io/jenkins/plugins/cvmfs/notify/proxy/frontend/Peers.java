package io.jenkins.plugins.cvmfs.notify.proxy.frontend;

import io.jenkins.plugins.cvmfs.notify.proxy.admission.Peer;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** Finds out who sends the requests of a connection. */
final class Peers {

    /** What proxies add to the requests that they pass on. */
    private static final List<String> PASSED_ON =
            List.of("X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Host", "Via");

    private static final InetAddress NOBODY = nobody();

    private Peers() {}

    /** The address at the other end of the socket; {@code 0.0.0.0} if it has gone already. */
    static InetAddress address(Channel channel) {
        return channel.remoteAddress() instanceof InetSocketAddress socket && socket.getAddress() != null
                ? socket.getAddress()
                : NOBODY;
    }

    /** Who sends this request over a connection from this address. */
    static Peer of(Channel channel, InetAddress address, RequestHead head) {
        boolean direct = PASSED_ON.stream().noneMatch(head.headers()::contains);
        return new Peer(address, direct, certificate(channel));
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
