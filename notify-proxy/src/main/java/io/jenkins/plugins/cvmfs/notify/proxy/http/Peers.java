package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.proxy.config.AddressRange;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Peer.Source;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AsciiString;
import io.netty.util.AttributeKey;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Finds out who sends a request: the other end of the socket, or the client that a trusted proxy names, in a header of the PROXY protocol
 * or in {@code X-Forwarded-For}.
 */
final class Peers {

    private static final AttributeKey<ProxiedClient> PROXIED_CLIENT =
            AttributeKey.valueOf(Peers.class, "proxiedClient");
    private static final AsciiString FORWARDED_FOR = AsciiString.cached("X-Forwarded-For");

    /** Headers that proxies add to the requests they forward. */
    private static final List<AsciiString> FORWARDING_HEADERS = List.of(
            FORWARDED_FOR,
            AsciiString.cached("Forwarded"),
            AsciiString.cached("X-Real-IP"),
            AsciiString.cached("X-Forwarded-Host"),
            HttpHeaderNames.VIA);

    /** An entry of X-Forwarded-For; some proxies add a port, and then brackets to an IPv6 address. */
    private static final Pattern FORWARDED_ADDRESS =
            Pattern.compile("\\[([^\\]]+)](?::[0-9]+)?|([0-9.]+)(?::[0-9]+)?|([0-9a-fA-F:.]+)");

    private static final InetAddress NO_ADDRESS = NetUtil.createInetAddressFromIpAddressString("0.0.0.0");

    /** The client of a connection by its PROXY header; null if the header names none. */
    private record ProxiedClient(@Nullable InetAddress addressOrNull) {}

    private final List<AddressRange> trustedProxies;

    Peers(List<AddressRange> trustedProxies) {
        this.trustedProxies = trustedProxies;
    }

    boolean isTrusted(InetAddress address) {
        for (AddressRange range : trustedProxies) {
            if (range.contains(address)) {
                return true;
            }
        }
        return false;
    }

    /** Returns the address at the other end of the socket; {@code 0.0.0.0} if the socket is closed already. */
    static InetAddress socketAddress(Channel channel) {
        return channel.remoteAddress() instanceof InetSocketAddress socket && socket.getAddress() != null
                ? socket.getAddress()
                : NO_ADDRESS;
    }

    /** Returns the client of the connection: the one in its PROXY header, else the other end of the socket. */
    static InetAddress address(Channel channel) {
        ProxiedClient client = proxiedClient(channel);
        return client == null || client.addressOrNull() == null ? socketAddress(channel) : client.addressOrNull();
    }

    private static @Nullable ProxiedClient proxiedClient(Channel channel) {
        // To read an attribute creates it.
        return channel.hasAttr(PROXIED_CLIENT) ? channel.attr(PROXIED_CLIENT).get() : null;
    }

    /**
     * Notes what a PROXY header says.
     *
     * @param client null if the trusted proxy names no address, or uses the connection itself
     */
    static void setProxiedClient(Channel channel, @Nullable InetAddress client) {
        channel.attr(PROXIED_CLIENT).set(new ProxiedClient(client));
    }

    private Source source(Channel channel, InetAddress address) {
        ProxiedClient client = proxiedClient(channel);
        if (client == null) {
            return isTrusted(address) ? Source.TRUSTED_PROXY : Source.SOCKET;
        }
        return client.addressOrNull() == null ? Source.UNKNOWN : Source.TRUSTED_PROXY;
    }

    /**
     * Finds the sender of a request.
     *
     * @param address the client of the connection
     */
    Peer of(Channel channel, InetAddress address, HttpHeaders headers) {
        Source source = source(channel, address);
        if (source == Source.UNKNOWN || !isForwarded(headers)) {
            return new Peer(address, source, certificate(channel));
        }
        if (!isTrusted(address)) {
            return new Peer(address, Source.UNKNOWN, certificate(channel));
        }
        Optional<InetAddress> client = forwardedClient(headers.getAll(FORWARDED_FOR));
        return new Peer(client.orElse(address), client.isPresent() ? Source.TRUSTED_PROXY : Source.UNKNOWN, null);
    }

    private static boolean isForwarded(HttpHeaders headers) {
        for (AsciiString header : FORWARDING_HEADERS) {
            if (headers.contains(header)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Reads X-Forwarded-For, to which each proxy appends the address it got the request from; entries before the last one that a trusted
     * proxy has added may be forged.
     *
     * @return the last address that is not a trusted proxy's, or the first if all are; empty if there is none or it is malformed
     */
    private Optional<InetAddress> forwardedClient(List<String> lines) {
        List<String> entries = lines.stream()
                .flatMap(line -> Arrays.stream(line.split(",", -1)))
                .toList();
        Optional<InetAddress> client = Optional.empty();
        for (int i = entries.size() - 1; i >= 0; i--) {
            client = parse(entries.get(i).strip());
            if (client.isEmpty() || !isTrusted(client.get())) {
                return client;
            }
        }
        return client;
    }

    private static Optional<InetAddress> parse(String entry) {
        Matcher matcher = FORWARDED_ADDRESS.matcher(entry);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String text = matcher.group(1) != null ? matcher.group(1) : matcher.group(2) != null ? matcher.group(2) : entry;
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
        try {
            return bytes == null ? Optional.empty() : Optional.of(InetAddress.getByAddress(bytes));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    private static @Nullable X509Certificate certificate(Channel channel) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        try {
            return tls == null
                    ? null
                    : (X509Certificate) tls.engine().getSession().getPeerCertificates()[0];
        } catch (SSLPeerUnverifiedException noCertificate) {
            return null;
        }
    }
}
