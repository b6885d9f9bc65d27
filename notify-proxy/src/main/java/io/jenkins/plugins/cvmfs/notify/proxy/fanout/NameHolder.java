package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * On whose account a name is kept that is subscribed to and that nobody has announced.
 *
 * @param addressOrNull where a subscriber without credentials comes from; null if the subscriber has credentials
 */
public record NameHolder(@Nullable InetAddress addressOrNull) {

    /** Subscribers with credentials: they do not compete with others for names. */
    public static final NameHolder WITH_CREDENTIALS = new NameHolder(null);
}
