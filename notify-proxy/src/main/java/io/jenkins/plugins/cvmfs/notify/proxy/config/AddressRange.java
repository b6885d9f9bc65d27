package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A range of IP addresses in CIDR notation, such as {@code 192.0.2.0/24} or {@code 2001:db8::/32}; one address alone is a range of
 * one. An IPv4 address is the same in its IPv6 form ({@code ::ffff:192.0.2.1}).
 *
 * @param text as it stands in the configuration
 * @param network its first address
 * @param prefix the number of bits that all its addresses share
 */
public record AddressRange(String text, InetAddress network, int prefix) {

    /** Digits first, so that nothing is ever looked up in the DNS. */
    private static final Pattern FORM =
            Pattern.compile("([0-9]{1,3}(?:\\.[0-9]{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*)(?:/([0-9]{1,3}))?");

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
        InetAddress network = address(text, matcher.group(1));
        int bits = bits(network);
        int prefix = matcher.group(2) == null ? bits : Integer.parseInt(matcher.group(2));
        if (prefix > bits) {
            throw wrong(text, "has a prefix that is longer than the %d bits of the address".formatted(bits));
        }
        BigInteger number = number(network);
        if (number.signum() != 0 && number.getLowestSetBit() < bits - prefix) {
            throw wrong(text, "has bits set behind its prefix; the range may not be the one that is meant");
        }
        return new AddressRange(text, network, prefix);
    }

    private static InetAddress address(String text, String address) {
        try {
            return InetAddress.getByName(address);
        } catch (UnknownHostException e) {
            throw new InvalidInputException("'%s' is not an IP address".formatted(Excerpt.of(text)), e);
        }
    }

    private static InvalidInputException wrong(String text, String problem) {
        return new InvalidInputException("'%s' %s".formatted(Excerpt.of(text), problem));
    }

    /** Returns whether the address is in the range. */
    public boolean contains(InetAddress address) {
        int bits = bits(network);
        return bits(address) == bits
                && number(address)
                        .shiftRight(bits - prefix)
                        .equals(number(network).shiftRight(bits - prefix));
    }

    private static int bits(InetAddress address) {
        return address.getAddress().length * Byte.SIZE;
    }

    private static BigInteger number(InetAddress address) {
        return new BigInteger(1, address.getAddress());
    }

    @Override
    public String toString() {
        return text;
    }
}
