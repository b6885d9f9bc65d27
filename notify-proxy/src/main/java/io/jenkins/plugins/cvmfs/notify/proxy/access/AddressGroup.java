package io.jenkins.plugins.cvmfs.notify.proxy.access;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** What counts as one client where clients are counted by address: an IPv6 client has a whole network of 64 bits to choose from. */
public final class AddressGroup {

    private static final int NETWORK_BYTES = 8;

    private AddressGroup() {}

    /** The IPv4 address itself, or the first of the IPv6 network. */
    public static InetAddress of(InetAddress address) {
        if (!(address instanceof Inet6Address)) {
            return address;
        }
        byte[] network = address.getAddress();
        Arrays.fill(network, NETWORK_BYTES, network.length, (byte) 0);
        try {
            return InetAddress.getByAddress(network);
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of 16 bytes is one", e);
        }
    }
}
