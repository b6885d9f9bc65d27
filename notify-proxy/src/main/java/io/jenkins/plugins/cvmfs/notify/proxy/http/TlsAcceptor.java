package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.HttpConfig.TlsConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.HttpConfig.TlsEngine;
import io.jenkins.plugins.cvmfs.notify.proxy.config.KeyPairFiles;
import io.jenkins.plugins.cvmfs.notify.proxy.tls.ReloadableTlsContext;
import io.jenkins.plugins.cvmfs.notify.proxy.tls.TlsIdentity;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS for accepted connections. A thread of its own checks the certificate's files periodically: a changed certificate is used from the
 * next connection on, and open connections keep theirs.
 */
final class TlsAcceptor implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TlsAcceptor.class);
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    /** Cipher suites with forward secrecy and authenticated encryption; an engine ignores those it does not have. */
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

    private final ReloadableTlsContext context;
    private final Duration handshakeTimeout;
    private final Counter handshakesFailed;
    private final Counter reloads;
    private final Counter reloadsFailed;
    private final ScheduledExecutorService watch =
            Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("cvmfs-notify-certificate", true));

    /** @throws InvalidInputException if a file cannot be used; the message names it */
    TlsAcceptor(TlsConfig config, KeyPairFiles files, Duration handshakeTimeout, MeterRegistry meters) {
        this.context = new ReloadableTlsContext(
                files, config.clientCaFile(), (identity, authorities) -> make(config.engine(), identity, authorities));
        this.handshakeTimeout = handshakeTimeout;
        this.handshakesFailed = Counter.builder("cvmfs_notify_tls_handshakes_failed")
                .description("TLS handshakes that failed or took too long")
                .register(meters);
        this.reloads = reloads(meters, "in_use");
        this.reloadsFailed = reloads(meters, "failed");
        Gauge.builder(
                        "cvmfs_notify_tls_certificate_expiry_timestamp_seconds",
                        context,
                        it -> it.certificate().getNotAfter().toInstant().getEpochSecond())
                .description("When the certificate in use expires, in seconds since 1970")
                .register(meters);
        long interval = config.reloadInterval().toNanos();
        var unused = watch.scheduleWithFixedDelay(this::checkFiles, interval, interval, TimeUnit.NANOSECONDS);
        logInUse();
    }

    private static Counter reloads(MeterRegistry meters, String outcome) {
        return Counter.builder("cvmfs_notify_tls_reloads")
                .description("Changes of the certificate's files, by outcome")
                .tag("outcome", outcome)
                .register(meters);
    }

    /** Makes the context of an engine. */
    static SslContext make(TlsEngine wanted, TlsIdentity identity, List<X509Certificate> authorities) {
        try {
            SslContextBuilder builder = SslContextBuilder.forServer(identity.key(), identity.chain())
                    .sslProvider(provider(wanted, identity.key()))
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

    private static SslProvider provider(TlsEngine wanted, PrivateKey key) {
        if (wanted == TlsEngine.NATIVE && !OpenSsl.isAvailable()) {
            throw new InvalidInputException(
                    "tls.engine: the native engine cannot be loaded here: " + OpenSsl.unavailabilityCause());
        }
        // BoringSSL cannot sign with other kinds of keys.
        boolean isUsable = (key instanceof RSAKey || key instanceof ECKey) && OpenSsl.isAvailable();
        boolean usesNative = wanted == TlsEngine.NATIVE || (wanted == TlsEngine.AUTO && isUsable);
        return usesNative ? SslProvider.OPENSSL : SslProvider.JDK;
    }

    /** Returns the engine of a context, as the log names it. */
    static String engineOf(SslContext context) {
        return context instanceof JdkSslContext ? "jdk" : "native, " + OpenSsl.versionString();
    }

    /** Returns the first handler of a new connection. */
    ChannelHandler handler(Channel channel) {
        SslHandler handler = context.current().newHandler(channel.alloc());
        handler.setHandshakeTimeoutMillis(handshakeTimeout.toMillis());
        handler.handshakeFuture().addListener(ended -> {
            if (!ended.isSuccess()) {
                handshakesFailed.increment();
                LOG.atDebug()
                        .addKeyValue("from", channel.remoteAddress())
                        .addKeyValue("detail", String.valueOf(ended.cause()))
                        .log("TLS handshake fails");
            }
        });
        return handler;
    }

    /**
     * Reads the files of a new configuration; from any thread.
     *
     * @return takes them over
     * @throws InvalidInputException if a file cannot be used, or the configuration ends TLS, which takes a restart
     */
    Runnable prepare(TlsConfig next) {
        KeyPairFiles files = next.identity()
                .orElseThrow(() -> new InvalidInputException("tls.cert_file: to end TLS takes a restart of the proxy"));
        Runnable change = context.prepare(
                files, next.clientCaFile(), (identity, authorities) -> make(next.engine(), identity, authorities));
        return () -> {
            change.run();
            reloaded();
        };
    }

    /** Takes over changed files; if they cannot be used, logs that once and keeps the certificate in use. Blocks. */
    void checkFiles() {
        try {
            if (context.refresh()) {
                reloaded();
            }
        } catch (InvalidInputException e) {
            reloadsFailed.increment();
            LOG.atError()
                    .addKeyValue("detail", e.getMessage())
                    .log("changed certificate files cannot be used; the former certificate stays in use");
        } catch (RuntimeException e) {
            // An exception would end the periodic checks.
            LOG.atError().setCause(e).log("cannot check the certificate's files");
        }
    }

    private void reloaded() {
        reloads.increment();
        logInUse();
    }

    private void logInUse() {
        var certificate = context.certificate();
        LOG.atInfo()
                .addKeyValue("subject", certificate.getSubjectX500Principal())
                .addKeyValue("until", certificate.getNotAfter().toInstant())
                .addKeyValue("engine", engineOf(context.current()))
                .log("certificate in use");
    }

    @Override
    public void close() {
        watch.shutdownNow();
    }
}
