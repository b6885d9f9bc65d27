package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How clients reach the proxy over HTTP.
 *
 * @param tls the certificate of the listening port, if it has one
 * @param trustedProxies the addresses whose statement about the client of a request or connection is believed
 * @param proxyProtocol whether connections from those begin with a header of the PROXY protocol
 * @param allowedOrigins the origins, besides its own, whose pages may use the proxy from a browser, such as {@code
 *     https://status.example.org}; {@code *} for all
 * @param hostNames names, besides those of the machine, by which browsers may reach it; {@code *.example.org} for all in a
 *     domain, {@code *} for all
 */
public record HttpConfig(
        TlsConfig tls,
        List<AddressRange> trustedProxies,
        boolean proxyProtocol,
        List<String> allowedOrigins,
        List<String> hostNames) {

    /** The TLS engine of the listening port. */
    public enum TlsEngine {
        /** The native one where its library loads and it can use the key, else the JDK's. */
        AUTO,
        /** BoringSSL; its library is part of the program for Linux on x86-64 and AArch64 with glibc. */
        NATIVE,
        /** That of the Java runtime. */
        JDK
    }

    /**
     * TLS of the listening port.
     *
     * @param certFileOrNull PEM file with the server's certificate and those between it and its authority; null means plain HTTP
     * @param keyFileOrNull PEM file with the certificate's private key; null exactly if there is no certificate
     * @param clientCaFileOrNull PEM file with the authorities that may sign clients' certificates; null means that clients are not
     *     asked for any
     * @param reloadInterval how often the files are checked for changes, which count from the next connection on
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
            ConfigKey.TLS_RELOAD_INTERVAL.require(reloadInterval);
            KeyPairFiles.require("tls", certFileOrNull, keyFileOrNull);
            if (certFileOrNull == null && clientCaFileOrNull != null) {
                throw new InvalidInputException(
                        "tls.client_ca_file: clients show certificates only with tls.cert_file");
            }
        }

        static TlsConfig from(ConfigValues values) {
            return new TlsConfig(
                    values.get(ConfigKey.TLS_CERT_FILE).orElse(null),
                    values.get(ConfigKey.TLS_KEY_FILE).orElse(null),
                    values.get(ConfigKey.TLS_CLIENT_CA_FILE).orElse(null),
                    values.get(ConfigKey.TLS_RELOAD_INTERVAL),
                    values.get(ConfigKey.TLS_ENGINE));
        }

        /** Returns the server's certificate and key; empty means plain HTTP. */
        public Optional<KeyPairFiles> identity() {
            return KeyPairFiles.of(certFileOrNull, keyFileOrNull);
        }

        /** Returns the authorities that may sign clients' certificates; empty means that clients are not asked for any. */
        public Optional<Path> clientCaFile() {
            return Optional.ofNullable(clientCaFileOrNull);
        }
    }

    /** @throws InvalidInputException if keys contradict each other; the message names them */
    public HttpConfig {
        trustedProxies = List.copyOf(trustedProxies);
        allowedOrigins = List.copyOf(allowedOrigins);
        hostNames = List.copyOf(hostNames);
        if (proxyProtocol && trustedProxies.isEmpty()) {
            throw new InvalidInputException(
                    "http.proxy_protocol: is accepted from http.trusted_proxies only, and none are named");
        }
    }

    /** Returns the defaults: plain HTTP, without a proxy in front, for its own pages only. */
    public static HttpConfig defaults() {
        return from(ConfigValues.defaults());
    }

    /** Returns the same with TLS. */
    public HttpConfig with(TlsConfig other) {
        return new HttpConfig(other, trustedProxies, proxyProtocol, allowedOrigins, hostNames);
    }

    static HttpConfig from(ConfigValues values) {
        return new HttpConfig(
                TlsConfig.from(values),
                values.get(ConfigKey.TRUSTED_PROXIES),
                values.get(ConfigKey.PROXY_PROTOCOL),
                values.get(ConfigKey.ALLOWED_ORIGINS),
                values.get(ConfigKey.HOST_NAMES));
    }
}
