package io.jenkins.plugins.cvmfs.notify.proxy.log;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The part of a publish request that some logs need besides the message.
 *
 * @param relays the ids of the relays that passed it on to here, the first one first
 * @param authorizationOrNull credentials of the publisher for that server, as in the header {@code Authorization}; null if it is to see
 *     those of this proxy
 * @param idOrNull the same for an announcement that several proxies of a broker may publish at one time, so that it is delivered once; null
 *     for one of its own
 */
public record PublishOrigin(
        List<String> relays,
        @Nullable String authorizationOrNull,
        @Nullable UUID idOrNull) {

    public PublishOrigin {
        relays = List.copyOf(relays);
    }

    /** A publish that comes from a client. */
    public PublishOrigin(List<String> relays, @Nullable String authorizationOrNull) {
        this(relays, authorizationOrNull, null);
    }

    /** Does not show the credentials. */
    @Override
    public String toString() {
        return "through the relays " + relays;
    }
}
