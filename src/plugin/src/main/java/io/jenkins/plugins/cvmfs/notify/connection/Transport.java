package io.jenkins.plugins.cvmfs.notify.connection;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscribeProtocol;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How announcements reach this Jenkins, as an administrator chooses. */
public enum Transport {
    /** WebSocket, and event streams where that fails. */
    AUTO(SubscribeProtocol.AUTO),
    /** WebSocket only. */
    WEBSOCKET(SubscribeProtocol.WEBSOCKET),
    /** Server-sent events only. */
    SSE(SubscribeProtocol.EVENT_STREAM),
    /** No subscription: only the replicas are read, now and then. Publishing works as ever. */
    POLL(null);

    private final @Nullable SubscribeProtocol protocol;

    Transport(@Nullable SubscribeProtocol protocol) {
        this.protocol = protocol;
    }

    /**
     * Reads what {@link #word()} says.
     *
     * @throws InvalidInputException if it is none of the words
     */
    public static Transport parse(String word) {
        return Arrays.stream(values())
                .filter(transport -> transport.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new InvalidInputException(
                        "transport '%s' is neither 'auto' nor 'websocket' nor 'sse' nor 'poll'"
                                .formatted(Excerpt.of(word))));
    }

    /** As it is configured: in lower case. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What to speak; empty if nothing is subscribed. */
    Optional<SubscribeProtocol> protocol() {
        return Optional.ofNullable(protocol);
    }
}
