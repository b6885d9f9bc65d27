package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.proxy.config.HttpConfig;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AsciiString;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The names by which a browser may reach the service. A page of {@code evil.example.org} whose name server answers with an address inside
 * a private network has, for the browser, the same origin as what listens there (DNS rebinding), and reads without a header {@code
 * Origin}. The header {@code Host} reveals it.
 *
 * <p>Only requests of browsers are checked; every browser sends {@code Accept-Language}, and a page can change it but not omit it. Other
 * programs choose their servers themselves, by any alias. Also not checked are connections with TLS, where the certificate proves the
 * name; those to a public address, which a stranger reaches without a browser; and those of a trusted proxy, which decides what names it
 * serves.
 */
final class HostNames {

    private static final String ALL = "*";
    private static final AsciiString FETCH_SITE = AsciiString.cached("Sec-Fetch-Site");
    private static final Path KERNEL_NAME = Path.of("/proc/sys/kernel/hostname");
    private static final Path RESOLVER = Path.of("/etc/resolv.conf");

    private static final String REFUSAL =
            "{\"reason\":\"host_not_allowed\",\"status\":\"error\",\"detail\":\"this name is not known to be the service's;"
                    + " its administrator can add it to http.host_names\"}";

    private final Set<String> names;
    private final List<String> endings;
    private final boolean all;
    private final Peers peers;
    private final HttpMetrics metrics;

    /** @param own the names of this machine */
    HostNames(HttpConfig config, Set<String> own, Peers peers, HttpMetrics metrics) {
        Set<String> known = new HashSet<>(own);
        config.allowedOrigins().stream()
                .filter(origin -> origin.contains("://"))
                .map(origin -> withoutPort(URI.create(origin).getRawAuthority()))
                .forEach(known::add);
        known.addAll(config.hostNames());
        this.names = Set.copyOf(known);
        this.endings = config.hostNames().stream()
                .filter(name -> name.startsWith("*."))
                .map(name -> name.substring(1))
                .toList();
        this.all = known.contains(ALL);
        this.peers = peers;
        this.metrics = metrics;
    }

    /** Returns the names of this machine that need no name server: its own, and that in each of its search domains. */
    static Set<String> ofThisMachine() {
        return ofThisMachine(KERNEL_NAME, RESOLVER);
    }

    static Set<String> ofThisMachine(Path kernelName, Path resolver) {
        Set<String> names = new HashSet<>();
        lines(kernelName).map(String::strip).filter(name -> !name.isEmpty()).forEach(name -> {
            String lower = name.toLowerCase(Locale.ROOT);
            String first = lower.replaceFirst("\\..*", "");
            names.add(lower);
            names.add(first);
            names.add(first + ".local");
            lines(resolver)
                    .filter(line -> line.matches("(search|domain)\\s.*"))
                    .flatMap(line -> Stream.of(line.strip().split("\\s+")).skip(1))
                    .forEach(domain -> names.add(
                            first + "." + domain.toLowerCase(Locale.ROOT).replaceFirst("\\.$", "")));
        });
        return names;
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            return Stream.empty();
        }
    }

    /** Returns the response to a browser that uses an unknown name; empty for all other requests. */
    Optional<Response> refusal(Channel channel, Request request) {
        if (all
                || !isOfBrowser(request.headers())
                || channel.pipeline().get(SslHandler.class) != null
                || peers.isTrusted(Peers.socketAddress(channel))
                || !isPrivate(channel)
                || isKnown(withoutPort(
                        request.headers().get(HttpHeaderNames.HOST, "").toLowerCase(Locale.ROOT)))) {
            return Optional.empty();
        }
        metrics.hostsRefused.increment();
        return Optional.of(Response.json(403, REFUSAL)
                .withDetail("this name is not known to be the service's; add it to http.host_names"));
    }

    private static boolean isOfBrowser(HttpHeaders headers) {
        return headers.contains(HttpHeaderNames.ACCEPT_LANGUAGE)
                || headers.contains(HttpHeaderNames.ORIGIN)
                || headers.contains(FETCH_SITE)
                || headers.contains(HttpHeaderNames.REFERER)
                || headers.get(HttpHeaderNames.USER_AGENT, "").startsWith("Mozilla/");
    }

    /** Returns true if the connection reached a private address. */
    private static boolean isPrivate(Channel channel) {
        return channel.localAddress() instanceof InetSocketAddress local
                && local.getAddress() != null
                && isPrivate(local.getAddress());
    }

    static boolean isPrivate(InetAddress address) {
        byte[] bytes = address.getAddress();
        boolean unique = address instanceof Inet6Address && (bytes[0] & 0xFE) == 0xFC;
        boolean shared = bytes.length == 4 && (bytes[0] & 0xFF) == 100 && (bytes[1] & 0xC0) == 64;
        return address.isLoopbackAddress()
                || address.isSiteLocalAddress()
                || address.isLinkLocalAddress()
                || address.isAnyLocalAddress()
                || unique
                || shared;
    }

    /** @param host in lower case; empty in a request of HTTP/1.0, which no browser sends */
    private boolean isKnown(String host) {
        String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        return name.isEmpty()
                || name.startsWith("[")
                || NetUtil.isValidIpV4Address(name)
                || name.equals("localhost")
                || name.endsWith(".localhost")
                || names.contains(name)
                || endings.stream().anyMatch(name::endsWith);
    }

    private static String withoutPort(String host) {
        return host.replaceFirst(":[0-9]*$", "");
    }
}
