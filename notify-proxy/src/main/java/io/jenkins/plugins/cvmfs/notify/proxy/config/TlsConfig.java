package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * TLS of the listening port.
 *
 * @param certFileOrNull PEM file with the server's certificate and those between it and its authority; null means plain HTTP
 * @param keyFileOrNull PEM file with the certificate's private key; null exactly if there is no certificate
 * @param clientCaFileOrNull PEM file with the authorities that may sign clients' certificates; null means that clients are not asked
 *     for any
 * @param reloadInterval how often the files are looked at; changed ones count from the next connection on
 * @param engine what encrypts
 */
public record TlsConfig(
        @Nullable Path certFileOrNull,
        @Nullable Path keyFileOrNull,
        @Nullable Path clientCaFileOrNull,
        Duration reloadInterval,
        TlsEngine engine) {

    /** @throws InvalidInputException if keys contradict each other; the message names them */
    public TlsConfig {
        ConfigKeys.TLS_RELOAD_INTERVAL.require(reloadInterval);
        KeyPairFiles.require("tls", certFileOrNull, keyFileOrNull);
        if (certFileOrNull == null && clientCaFileOrNull != null) {
            throw new InvalidInputException("tls.client_ca_file: clients show certificates only with tls.cert_file");
        }
    }

    static TlsConfig from(Layers layers) {
        return new TlsConfig(
                layers.get(ConfigKeys.TLS_CERT_FILE).orElse(null),
                layers.get(ConfigKeys.TLS_KEY_FILE).orElse(null),
                layers.get(ConfigKeys.TLS_CLIENT_CA_FILE).orElse(null),
                layers.get(ConfigKeys.TLS_RELOAD_INTERVAL),
                layers.get(ConfigKeys.TLS_ENGINE));
    }

    /** The server's certificate and key; empty means plain HTTP. */
    public Optional<KeyPairFiles> identity() {
        return KeyPairFiles.of(certFileOrNull, keyFileOrNull);
    }

    /** The authorities that may sign clients' certificates; empty means that clients are not asked for any. */
    public Optional<Path> clientCaFile() {
        return Optional.ofNullable(clientCaFileOrNull);
    }
}
