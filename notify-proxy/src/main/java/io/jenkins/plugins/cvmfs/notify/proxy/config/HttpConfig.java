package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

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
     * @param identity the server's certificate and key; empty means plain HTTP
     * @param clientCaFile PEM file with the authorities that may sign clients' certificates; empty means that clients are not asked
     *     for any
     * @param reloadInterval how often the files are checked for changes, which count from the next connection on
     * @param engine what encrypts
     */
    public record TlsConfig(
            Optional<KeyPairFiles> identity, Optional<Path> clientCaFile, Duration reloadInterval, TlsEngine engine) {

        /** @throws InvalidInputException if keys contradict each other; the message names them */
        public TlsConfig {
            ConfigKey.TLS_RELOAD_INTERVAL.require(reloadInterval);
            if (identity.isEmpty() && clientCaFile.isPresent()) {
                throw new InvalidInputException(
                        "tls.client_ca_file: clients show certificates only with tls.cert_file");
            }
        }

        static TlsConfig from(ConfigValues values) {
            return new TlsConfig(
                    KeyPairFiles.from(values, ConfigKey.TLS_CERT_FILE, ConfigKey.TLS_KEY_FILE),
                    values.get(ConfigKey.TLS_CLIENT_CA_FILE),
                    values.get(ConfigKey.TLS_RELOAD_INTERVAL),
                    values.get(ConfigKey.TLS_ENGINE));
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

    static HttpConfig from(ConfigValues values) {
        return new HttpConfig(
                TlsConfig.from(values),
                values.get(ConfigKey.TRUSTED_PROXIES),
                values.get(ConfigKey.PROXY_PROTOCOL),
                values.get(ConfigKey.ALLOWED_ORIGINS),
                values.get(ConfigKey.HOST_NAMES));
    }
}
