package io.jenkins.plugins.cvmfs.notify.proxy.webhook;

import io.jenkins.plugins.cvmfs.notify.proxy.config.AddressRange;
import java.net.ConnectException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.eclipse.jetty.client.Destination;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;

/**
 * Looks up the addresses of a webhook, and leaves only those that it may have. The connection is then made to exactly these, so
 * that a name server cannot pass a private address off as a public one.
 */
final class AddressGuard implements SocketAddressResolver {

    /** The tag of connections that may go to the loopback and to private networks. */
    static final String PRIVATE_TOO = "private-too";

    /** Loopback, private, shared by a provider's customers, unique local. */
    private static final List<AddressRange> PRIVATE = ranges(
            "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7");

    /** Allowed to no webhook: this host, link-local (with the metadata of clouds), special, multicast and reserved ones. */
    private static final List<AddressRange> NEVER = ranges(
            "0.0.0.0/8",
            "169.254.0.0/16",
            "192.0.0.0/24",
            "198.18.0.0/15",
            "224.0.0.0/4",
            "240.0.0.0/4",
            "::/128",
            "100::/64",
            "fe80::/10",
            "fec0::/10",
            "ff00::/8");

    /** Their last four bytes are an IPv4 address: compatible, NAT64. */
    private static final List<AddressRange> WITH_IPV4_AT_END = ranges("::/96", "64:ff9b::/96", "64:ff9b:1::/48");

    /** The four bytes behind this prefix are an IPv4 address. */
    private static final AddressRange SIX_TO_FOUR = AddressRange.parse("2002::/16");

    private final SocketAddressResolver names;

    /** @param names looks up every name and every address */
    AddressGuard(SocketAddressResolver names) {
        this.names = names;
    }

    private static List<AddressRange> ranges(String... texts) {
        return Stream.of(texts).map(AddressRange::parse).toList();
    }

    @Override
    public void resolve(String host, int port, Map<String, Object> context, Promise<List<InetSocketAddress>> result) {
        boolean allowPrivate = context.get(Destination.CONTEXT_KEY) instanceof Destination destination
                && PRIVATE_TOO.equals(destination.getOrigin().getTag());
        names.resolve(
                host,
                port,
                context,
                Promise.from(
                        found -> {
                            List<InetSocketAddress> allowed = found.stream()
                                    .filter(it -> refusal(it.getAddress(), allowPrivate)
                                            .isEmpty())
                                    .toList();
                            if (allowed.isEmpty()) {
                                result.failed(
                                        found.isEmpty()
                                                ? new UnknownHostException(host)
                                                : new Refused(
                                                        refusal(found.get(0).getAddress(), allowPrivate)
                                                                .orElse("")));
                            } else {
                                result.succeeded(allowed);
                            }
                        },
                        result::failed));
    }

    /** Returns why a webhook may not have this address, with what would allow it; empty if it may. */
    static Optional<String> refusal(InetAddress address, boolean allowPrivate) {
        InetAddress meant = embedded(address);
        String text = address.getHostAddress();
        if (contains(NEVER, meant)) {
            return Optional.of("its address %s is for no webhook: link-local, multicast or reserved".formatted(text));
        }
        return !allowPrivate && contains(PRIVATE, meant)
                ? Optional.of("its address %s is private; set allow_private if that is meant".formatted(text))
                : Optional.empty();
    }

    private static boolean contains(List<AddressRange> ranges, InetAddress address) {
        return ranges.stream().anyMatch(range -> range.contains(address));
    }

    /** Returns the IPv4 address that packets to this one may end at; otherwise the address itself. */
    private static InetAddress embedded(InetAddress address) {
        byte[] bytes = address.getAddress();
        boolean isOwn = address.isLoopbackAddress() || address.isAnyLocalAddress();
        if (!(address instanceof Inet6Address) || isOwn) {
            return address;
        }
        if (SIX_TO_FOUR.contains(address)) {
            return ipv4(Arrays.copyOfRange(bytes, 2, 6));
        }
        return contains(WITH_IPV4_AT_END, address) ? ipv4(Arrays.copyOfRange(bytes, 12, 16)) : address;
    }

    private static InetAddress ipv4(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }

    /** No address of the name is allowed. */
    static final class Refused extends ConnectException {

        private static final long serialVersionUID = 1L;

        Refused(String reason) {
            super(reason);
        }
    }
}
