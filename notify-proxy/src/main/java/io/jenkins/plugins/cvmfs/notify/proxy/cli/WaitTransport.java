package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How {@code wait} hears of new revisions. */
enum WaitTransport {
    AUTO(SubscriberSettings.Protocol.AUTO),
    WEBSOCKET(SubscriberSettings.Protocol.WEBSOCKET),
    SSE(SubscriberSettings.Protocol.EVENT_STREAM),
    /** Not at all: it only reads the replicas. */
    POLL(null);

    private final SubscriberSettings.@Nullable Protocol protocol;

    WaitTransport(SubscriberSettings.@Nullable Protocol protocol) {
        this.protocol = protocol;
    }

    /** What to speak with the server; empty if there is none. */
    Optional<SubscriberSettings.Protocol> protocol() {
        return Optional.ofNullable(protocol);
    }

    /** The word on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
