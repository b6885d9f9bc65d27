package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * The subscriber that a name is accounted to while it has not been announced.
 *
 * @param addressOrNull where a subscriber without credentials comes from; null if the subscriber has credentials
 */
public record NameHolder(@Nullable InetAddress addressOrNull) {

    /** Subscribers with credentials: they do not compete with others for names. */
    public static final NameHolder WITH_CREDENTIALS = new NameHolder(null);
}
