package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The header {@code X-Forwarded-For}: each proxy adds at the end whom it got the request from. What stands before the last address that a
 * trusted proxy has added is hearsay.
 */
final class ForwardedFor {

    /** Some proxies add a port, and then brackets to an IPv6 address. */
    private static final Pattern FORM =
            Pattern.compile("\\[([^\\]]+)](?::[0-9]+)?|([0-9.]+)(?::[0-9]+)?|([0-9a-fA-F:.]+)");

    private ForwardedFor() {}

    /**
     * The client: the last address that is not a trusted proxy's, or the first if all are. Empty if there is none, or if what stands in
     * its place is no address.
     */
    static Optional<InetAddress> client(List<String> lines, Predicate<InetAddress> isTrusted) {
        List<String> entries = lines.stream()
                .flatMap(line -> Arrays.stream(line.split(",", -1)))
                .toList();
        Optional<InetAddress> client = Optional.empty();
        for (int i = entries.size() - 1; i >= 0; i--) {
            client = address(entries.get(i).strip());
            if (client.isEmpty() || !isTrusted.test(client.get())) {
                return client;
            }
        }
        return client;
    }

    private static Optional<InetAddress> address(String entry) {
        Matcher matcher = FORM.matcher(entry);
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
}
