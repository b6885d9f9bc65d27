package io.jenkins.plugins.cvmfs.notify.proxy.config;

import java.net.InetAddress;
import java.util.List;

/**
 * Who comes from certain addresses.
 *
 * @param addresses where they come from
 * @param grants what they may do
 */
public record NetworkConfig(List<AddressRange> addresses, Grants grants) {

    /** Copies the list. */
    public NetworkConfig {
        addresses = List.copyOf(addresses);
    }

    static NetworkConfig from(ListEntry entry) {
        return new NetworkConfig(entry.get(AccessKeys.ADDRESSES), AccessKeys.grants(entry));
    }

    /** Whether the address is one of these. */
    public boolean contains(InetAddress address) {
        return addresses.stream().anyMatch(range -> range.contains(address));
    }
}
