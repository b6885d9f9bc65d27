package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings.Protocol;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The notification server that this proxy relays, and how to reach it.
 *
 * @param server of any kind
 * @param token proves the relay's identity to it; empty for none
 * @param caFile PEM file with the authorities that may sign its certificate; empty means the JVM's
 * @param identity certificate and key that prove the relay's identity to it; empty means none
 * @param publish what becomes of a publish here
 * @param protocol how to subscribe
 * @param publishTimeout how long a publish waits for the upstream's answer
 * @param maxReconnectDelay the longest pause between two attempts to connect
 */
public record UpstreamConfig(
        NotificationServer server,
        Secret token,
        Optional<Path> caFile,
        Optional<KeyPairFiles> identity,
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
        if (publish == PublishUse.AS_CALLER && identity.isPresent()) {
            throw new InvalidInputException(
                    "upstream.publish: as-caller would lend the rights of upstream.cert_file to every publisher; use as-relay,"
                            + " or a token_file in place of the certificate");
        }
    }

    /** Empty if the values name no server. */
    static Optional<UpstreamConfig> from(ConfigValues values, Secret token) {
        return values.get(ConfigKey.UPSTREAM_URL)
                .map(server -> new UpstreamConfig(
                        server,
                        token,
                        values.get(ConfigKey.UPSTREAM_CA_FILE),
                        KeyPairFiles.from(values, ConfigKey.UPSTREAM_CERT_FILE, ConfigKey.UPSTREAM_KEY_FILE),
                        values.get(ConfigKey.UPSTREAM_PUBLISH),
                        values.get(ConfigKey.UPSTREAM_PROTOCOL),
                        values.get(ConfigKey.UPSTREAM_PUBLISH_TIMEOUT),
                        values.get(ConfigKey.UPSTREAM_MAX_RECONNECT_DELAY)));
    }
}
