package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings.Protocol;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The notification server that this proxy relays, and how to reach it.
 *
 * @param server of any kind
 * @param token proves the relay's identity to it; empty for none
 * @param caFileOrNull PEM file with the authorities that may sign its certificate; null means the JVM's
 * @param certFileOrNull PEM file with the certificate that proves the relay's identity to it; null means none
 * @param keyFileOrNull PEM file with its private key; null exactly if there is no certificate
 * @param publish what becomes of a publish here
 * @param protocol how to subscribe
 * @param publishTimeout how long a publish waits for the upstream's answer
 * @param maxReconnectDelay the longest pause between two attempts to connect
 */
public record UpstreamConfig(
        NotificationServer server,
        Secret token,
        @Nullable Path caFileOrNull,
        @Nullable Path certFileOrNull,
        @Nullable Path keyFileOrNull,
        PublishUse publish,
        Protocol protocol,
        Duration publishTimeout,
        Duration maxReconnectDelay) {

    /** The way of a publish that arrives at a relay. */
    public enum PublishUse {
        /** It is passed on with the relay's token. */
        AS_RELAY,
        /** It is passed on with the credentials of its publisher, if it has any that are not for this relay. */
        AS_CALLER,
        /** It is refused. */
        REFUSE
    }

    /** @throws InvalidInputException if a value is out of the range that docs/configuration.md gives, naming the key */
    public UpstreamConfig {
        ConfigKey.UPSTREAM_PUBLISH_TIMEOUT.require(publishTimeout);
        ConfigKey.UPSTREAM_MAX_RECONNECT_DELAY.require(maxReconnectDelay);
        if (!token.value().matches("[\\x21-\\x7e]*")) {
            throw new InvalidInputException("upstream.token_file: the token has characters that a header cannot carry");
        }
        KeyPairFiles.require("upstream", certFileOrNull, keyFileOrNull);
        if (publish == PublishUse.AS_CALLER && certFileOrNull != null) {
            throw new InvalidInputException(
                    "upstream.publish: as-caller would lend the rights of upstream.cert_file to every publisher; use as-relay,"
                            + " or a token_file in place of the certificate");
        }
    }

    /** Empty if the values name no server. */
    static Optional<UpstreamConfig> from(ConfigValues values, Secret token) {
        return values.get(ConfigKey.UPSTREAM_URL).map(server -> from(server, values, token));
    }

    private static UpstreamConfig from(NotificationServer server, ConfigValues values, Secret token) {
        return new UpstreamConfig(
                server,
                token,
                values.get(ConfigKey.UPSTREAM_CA_FILE).orElse(null),
                values.get(ConfigKey.UPSTREAM_CERT_FILE).orElse(null),
                values.get(ConfigKey.UPSTREAM_KEY_FILE).orElse(null),
                values.get(ConfigKey.UPSTREAM_PUBLISH),
                values.get(ConfigKey.UPSTREAM_PROTOCOL),
                values.get(ConfigKey.UPSTREAM_PUBLISH_TIMEOUT),
                values.get(ConfigKey.UPSTREAM_MAX_RECONNECT_DELAY));
    }

    /** Returns the PEM file with the authorities that may sign the server's certificate; empty means the JVM's. */
    public Optional<Path> caFile() {
        return Optional.ofNullable(caFileOrNull);
    }

    /** Returns certificate and key that prove the relay's identity; empty means none. */
    public Optional<KeyPairFiles> identity() {
        return KeyPairFiles.of(certFileOrNull, keyFileOrNull);
    }
}
