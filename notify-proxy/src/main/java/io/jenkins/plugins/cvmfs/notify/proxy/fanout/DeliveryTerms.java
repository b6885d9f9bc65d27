package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * How announcements reach one subscriber.
 *
 * @param format its frames
 * @param delaysReplaysOf the address, or IPv6 network of 64 bits, whose last values are replayed with a delay if it received them
 *     before; null if this subscriber gets every last value at once
 * @param repeats whether it gets each announcement once more after the cache lifetime
 * @param early whether it gets announcements also while they are held
 */
public record DeliveryTerms(WireFormat format, @Nullable InetAddress delaysReplaysOf, boolean repeats, boolean early) {

    /** Everything once, as soon as it is released. */
    public static DeliveryTerms plain(WireFormat format) {
        return new DeliveryTerms(format, null, false, false);
    }

    /** Returns the same for a subscriber that does not wait for what is held. */
    public DeliveryTerms early(boolean isEarly) {
        return new DeliveryTerms(format, delaysReplaysOf, repeats, isEarly);
    }
}
