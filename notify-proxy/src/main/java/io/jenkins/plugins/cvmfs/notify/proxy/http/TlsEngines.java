package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.HttpConfig.TlsEngine;
import io.jenkins.plugins.cvmfs.notify.proxy.tls.ReloadableTlsContext;
import io.jenkins.plugins.cvmfs.notify.proxy.tls.TlsIdentity;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.util.List;
import javax.net.ssl.SSLException;

/**
 * Makes contexts of one of the engines.
 *
 * @param wanted which one
 */
record TlsEngines(TlsEngine wanted) implements ReloadableTlsContext.Maker {

    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    /** Those with forward secrecy and authenticated encryption; an engine leaves out what it does not know. */
    private static final List<String> CIPHERS = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    /** The engine of a context, as the log names it. */
    static String name(SslContext context) {
        return context instanceof JdkSslContext ? "jdk" : "native, " + OpenSsl.versionString();
    }

    @Override
    public SslContext make(TlsIdentity identity, List<X509Certificate> authorities) {
        try {
            SslContextBuilder builder = SslContextBuilder.forServer(identity.key(), identity.chain())
                    .sslProvider(provider(identity.key()))
                    .protocols(PROTOCOLS)
                    .ciphers(CIPHERS, SupportedCipherSuiteFilter.INSTANCE);
            if (!authorities.isEmpty()) {
                builder.clientAuth(ClientAuth.OPTIONAL).trustManager(authorities);
            }
            return builder.build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new InvalidInputException("the certificates cannot be used for TLS: " + e.getMessage(), e);
        }
    }

    private SslProvider provider(PrivateKey key) {
        if (wanted == TlsEngine.NATIVE && !OpenSsl.isAvailable()) {
            throw new InvalidInputException(
                    "tls.engine: the native engine cannot be loaded here: " + OpenSsl.unavailabilityCause());
        }
        boolean usesNative = wanted == TlsEngine.NATIVE || (wanted == TlsEngine.AUTO && isUsable(key));
        return usesNative ? SslProvider.OPENSSL : SslProvider.JDK;
    }

    /** BoringSSL offers no signatures of other kinds of keys. */
    private static boolean isUsable(PrivateKey key) {
        return (key instanceof RSAKey || key instanceof ECKey) && OpenSsl.isAvailable();
    }
}
