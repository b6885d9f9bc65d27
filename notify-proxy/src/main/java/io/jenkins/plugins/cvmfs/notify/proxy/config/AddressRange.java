package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A range of IP addresses in CIDR notation, such as {@code 192.0.2.0/24} or {@code 2001:db8::/32}; one address alone is a range of
 * one. An IPv4 address is the same in its IPv6 form ({@code ::ffff:192.0.2.1}). Immutable.
 */
public final class AddressRange {

    /** Digits first, so that nothing is ever looked up in the DNS. */
    private static final Pattern FORM =
            Pattern.compile("([0-9]{1,3}(?:\\.[0-9]{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*)(?:/([0-9]{1,3}))?");

    private final String text;
    private final byte[] network;
    private final int prefix;

    private AddressRange(String text, byte[] network, int prefix) {
        this.text = text;
        this.network = network;
        this.prefix = prefix;
    }

    /**
     * Reads a range.
     *
     * @throws InvalidInputException if the text is none, or has bits set behind its prefix
     */
    public static AddressRange parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw wrong(text, "is not a range of IP addresses such as 192.0.2.0/24 or 2001:db8::/32");
        }
        byte[] address = address(text, matcher.group(1));
        int bits = address.length * Byte.SIZE;
        int prefix = matcher.group(2) == null ? bits : Integer.parseInt(matcher.group(2));
        if (prefix > bits) {
            throw wrong(text, "has a prefix that is longer than the %d bits of the address".formatted(bits));
        }
        if (!Arrays.equals(address, masked(address, prefix))) {
            throw wrong(text, "has bits set behind its prefix; the range may not be the one that is meant");
        }
        return new AddressRange(text, address, prefix);
    }

    private static byte[] address(String text, String address) {
        try {
            return InetAddress.getByName(address).getAddress();
        } catch (UnknownHostException e) {
            throw new InvalidInputException("'%s' is not an IP address".formatted(Excerpt.of(text)), e);
        }
    }

    private static InvalidInputException wrong(String text, String problem) {
        return new InvalidInputException("'%s' %s".formatted(Excerpt.of(text), problem));
    }

    /** Whether the address is in it. */
    public boolean contains(InetAddress address) {
        byte[] bytes = address.getAddress();
        return bytes.length == network.length && Arrays.equals(network, masked(bytes, prefix));
    }

    private static byte[] masked(byte[] address, int prefix) {
        byte[] masked = new byte[address.length];
        for (int i = 0; i < masked.length; i++) {
            int kept = Math.max(0, Math.min(Byte.SIZE, prefix - i * Byte.SIZE));
            masked[i] = (byte) (address[i] & (0xff00 >> kept));
        }
        return masked;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AddressRange that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** As it stands in the configuration. */
    @Override
    public String toString() {
        return text;
    }
}
