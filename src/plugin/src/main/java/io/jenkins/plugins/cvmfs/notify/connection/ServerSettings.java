package io.jenkins.plugins.cvmfs.notify.connection;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.TokenSource;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A notification server to connect to. Builds with equal settings share one connection.
 *
 * @param name as configured; the URL if a pipeline gave that
 * @param url the server's URL, normalised by {@link NotificationServer#parse}
 * @param credentialsId of a secret text; null for anonymous access
 * @param folder the full name of the folder that it is configured in, whose credentials are used; null for Jenkins as a whole
 */
public record ServerSettings(
        String name,
        String url,
        Transport transport,
        @Nullable String credentialsId,
        @Nullable String folder) {

    /** @throws InvalidInputException if the URL is not that of a notification server */
    public ServerSettings {
        url = NotificationServer.parse(url).toString();
    }

    /** A server of Jenkins as a whole. */
    public ServerSettings(String name, String url, Transport transport, @Nullable String credentialsId) {
        this(name, url, transport, credentialsId, null);
    }

    NotificationServer server() {
        return NotificationServer.parse(url);
    }

    /** Returns how to subscribe, equal for equal servers and tokens; empty if the replicas are only polled. */
    Optional<SubscriberSettings> subscription(TokenSource token) {
        return Optional.ofNullable(transport.protocol)
                .map(protocol ->
                        SubscriberSettings.of(server()).withProtocol(protocol).withToken(token));
    }

    @Override
    public String toString() {
        return name;
    }

    /** How announcements reach this Jenkins, as an administrator chooses. */
    public enum Transport {
        /** WebSocket, or server-sent events if that fails. */
        AUTO(SubscriberSettings.Protocol.AUTO),
        /** WebSocket only. */
        WEBSOCKET(SubscriberSettings.Protocol.WEBSOCKET),
        /** Server-sent events only. */
        SSE(SubscriberSettings.Protocol.EVENT_STREAM),
        /** No subscription: the replicas are polled. Does not affect announcing. */
        POLL(null);

        private final SubscriberSettings.@Nullable Protocol protocol;

        Transport(SubscriberSettings.@Nullable Protocol protocol) {
            this.protocol = protocol;
        }

        /**
         * Reads a configured transport.
         *
         * @throws InvalidInputException if there is no such transport
         */
        public static Transport parse(String configured) {
            return Arrays.stream(values())
                    .filter(transport -> transport.configured().equals(configured))
                    .findFirst()
                    .orElseThrow(() ->
                            new InvalidInputException("transport is '%s', must be 'auto', 'websocket', 'sse' or 'poll'"
                                    .formatted(Excerpt.of(configured))));
        }

        /** Returns the name in the configuration, which is in lower case. */
        public String configured() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
