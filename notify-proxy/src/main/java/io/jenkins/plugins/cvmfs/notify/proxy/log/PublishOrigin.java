package io.jenkins.plugins.cvmfs.notify.proxy.log;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The part of a publish request that a log needs which passes the message on to another server.
 *
 * @param relays the ids of the relays that passed it on to here, the first one first
 * @param authorizationOrNull credentials of the publisher for that server, as in the header {@code Authorization}; null if it is to see
 *     those of this proxy
 */
public record PublishOrigin(List<String> relays, @Nullable String authorizationOrNull) {

    public PublishOrigin {
        relays = List.copyOf(relays);
    }

    /** Does not show the credentials. */
    @Override
    public String toString() {
        return "through the relays " + relays;
    }
}
