package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;

/**
 * How clients reach the proxy over HTTP.
 *
 * @param tls with which certificate it speaks TLS, if it does
 */
public record HttpConfig(TlsConfig tls) {

    /** Plain HTTP. */
    public static HttpConfig defaults() {
        return from(new Layers());
    }

    /** @throws InvalidInputException if keys contradict each other; the message names them */
    static HttpConfig from(Layers layers) {
        return new HttpConfig(TlsConfig.from(layers));
    }
}
