package io.jenkins.plugins.cvmfs.notify.connection;

import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import org.jspecify.annotations.Nullable;

/**
 * A notification server to connect to. Builds with equal settings share one connection.
 *
 * @param name what people call it; its URL if a pipeline gave that
 * @param url where it is, as {@link NotificationServer#parse} reads it
 * @param credentialsId of a secret text; null to talk to it anonymously
 */
public record ServerSettings(
        String name,
        String url,
        Transport transport,
        @Nullable String credentialsId) {

    /** @throws io.jenkins.plugins.cvmfs.notify.client.InvalidInputException if the URL is no URL of a notification server */
    public ServerSettings {
        url = NotificationServer.parse(url).toString();
    }

    /** The same for the client library. */
    NotificationServer server() {
        return NotificationServer.parse(url);
    }

    /** The name. */
    @Override
    public String toString() {
        return name;
    }
}
