package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.util.List;

/**
 * How clients reach the proxy over HTTP.
 *
 * @param tls with which certificate it speaks TLS, if it does
 * @param trustedProxies who may say for which client a request or connection is passed on
 * @param proxyProtocol whether connections of those begin with a header of the PROXY protocol
 * @param allowedOrigins the origins, besides its own, whose pages may use the proxy from a browser, such as {@code
 *     https://status.example.org}; {@code *} stands for all
 * @param hostNames names, besides those of the machine, by which browsers may reach it; {@code *.example.org} stands for all in a
 *     domain, {@code *} for all
 */
public record HttpConfig(
        TlsConfig tls,
        List<AddressRange> trustedProxies,
        boolean proxyProtocol,
        List<String> allowedOrigins,
        List<String> hostNames) {

    /** @throws InvalidInputException if keys contradict each other; the message names them */
    public HttpConfig {
        trustedProxies = List.copyOf(trustedProxies);
        allowedOrigins = List.copyOf(allowedOrigins);
        hostNames = List.copyOf(hostNames);
        if (proxyProtocol && trustedProxies.isEmpty()) {
            throw new InvalidInputException(
                    "http.proxy_protocol: is believed of http.trusted_proxies only, and none are named");
        }
    }

    /** By no names but the machine's. */
    public HttpConfig(
            TlsConfig tls, List<AddressRange> trustedProxies, boolean proxyProtocol, List<String> allowedOrigins) {
        this(tls, trustedProxies, proxyProtocol, allowedOrigins, List.of());
    }

    /** Plain HTTP, reached directly, by pages of its own. */
    public static HttpConfig defaults() {
        return from(new Layers());
    }

    /** The same with TLS. */
    public HttpConfig with(TlsConfig other) {
        return new HttpConfig(other, trustedProxies, proxyProtocol, allowedOrigins, hostNames);
    }

    static HttpConfig from(Layers layers) {
        return new HttpConfig(
                TlsConfig.from(layers),
                layers.get(ConfigKeys.TRUSTED_PROXIES),
                layers.get(ConfigKeys.PROXY_PROTOCOL),
                layers.get(ConfigKeys.ALLOWED_ORIGINS),
                layers.get(ConfigKeys.HOST_NAMES));
    }
}
