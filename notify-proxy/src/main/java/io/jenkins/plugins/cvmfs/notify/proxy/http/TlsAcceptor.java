package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.HttpConfig.TlsConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.HttpConfig.TlsEngine;
import io.jenkins.plugins.cvmfs.notify.proxy.tls.TlsIdentity;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter.MeterProvider;
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
import java.io.IOException;
import java.nio.file.Files;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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

    private static final String IN_USE = "in_use";
    private static final String FAILED = "failed";

    /** @param content stands for the content of the files when they were read */
    private record InUse(TlsConfig config, String content, SslContext context, X509Certificate certificate) {}

    private final Duration handshakeTimeout;
    private final Counter handshakesFailed;
    private final MeterProvider<Counter> reloads;
    private final ScheduledExecutorService watch =
            Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("cvmfs-notify-certificate", true));

    private volatile InUse inUse;

    /** The content of the files when they were last tried, with success or without. */
    private String tried;

    /**
     * Reads the files.
     *
     * @param config with a certificate
     * @throws InvalidInputException if a file cannot be used; the message names it
     */
    TlsAcceptor(TlsConfig config, Duration handshakeTimeout, MeterRegistry meters) {
        this.inUse = load(config);
        this.tried = inUse.content();
        this.handshakeTimeout = handshakeTimeout;
        this.handshakesFailed = Counter.builder("cvmfs_notify_tls_handshakes_failed")
                .description("TLS handshakes that failed or took too long")
                .register(meters);
        this.reloads = Counter.builder("cvmfs_notify_tls_reloads")
                .description("Changes of the certificate's files, by outcome")
                .withRegistry(meters);
        Stream.of(IN_USE, FAILED).forEach(outcome -> reloads.withTag("outcome", outcome));
        Gauge.builder(
                        "cvmfs_notify_tls_certificate_expiry_timestamp_seconds",
                        this,
                        it -> it.inUse.certificate().getNotAfter().toInstant().getEpochSecond())
                .description("When the certificate in use expires, in seconds since 1970")
                .register(meters);
        long interval = config.reloadInterval().toNanos();
        var unused = watch.scheduleWithFixedDelay(this::checkFiles, interval, interval, TimeUnit.NANOSECONDS);
        logInUse();
    }

    private static InUse load(TlsConfig config) {
        // Before the files are read, so that a change in between is noticed by the next check.
        String content = content(config);
        TlsIdentity identity = TlsIdentity.read(config.identity()
                .orElseThrow(
                        () -> new InvalidInputException("tls.cert_file: to end TLS takes a restart of the proxy")));
        List<X509Certificate> authorities =
                config.clientCaFile().map(TlsIdentity::certificates).orElse(List.of());
        return new InUse(config, content, make(config.engine(), identity, authorities), identity.certificate());
    }

    private static String content(TlsConfig config) {
        return Stream.concat(
                        config.identity().stream().flatMap(files -> Stream.of(files.cert(), files.key())),
                        config.clientCaFile().stream())
                .map(file -> {
                    try {
                        return Response.tag(Files.readString(file, ISO_8859_1));
                    } catch (IOException e) {
                        // Reported by load(), which reads the file for its content; here it counts as another content.
                        return "unreadable";
                    }
                })
                .collect(Collectors.joining());
    }

    /** @param authorities that may sign clients' certificates; empty means that clients are not asked for one */
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
        SslHandler handler = inUse.context().newHandler(channel.alloc());
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
        InUse loaded = load(next);
        return () -> {
            synchronized (this) {
                tried = loaded.content();
                inUse = loaded;
            }
            reloaded();
        };
    }

    /** Takes over changed files; if they cannot be used, logs that once and keeps the certificate in use. Blocks. */
    private synchronized void checkFiles() {
        try {
            String content = content(inUse.config());
            if (!content.equals(tried)) {
                tried = content;
                inUse = load(inUse.config());
                reloaded();
            }
        } catch (InvalidInputException e) {
            reloads.withTag("outcome", FAILED).increment();
            LOG.atError()
                    .addKeyValue("detail", e.getMessage())
                    .log("changed certificate files cannot be used; the former certificate stays in use");
        } catch (RuntimeException e) {
            // An exception would end the periodic checks.
            LOG.atError().setCause(e).log("cannot check the certificate's files");
        }
    }

    private void reloaded() {
        reloads.withTag("outcome", IN_USE).increment();
        logInUse();
    }

    private void logInUse() {
        X509Certificate certificate = inUse.certificate();
        LOG.atInfo()
                .addKeyValue("subject", certificate.getSubjectX500Principal())
                .addKeyValue("until", certificate.getNotAfter().toInstant())
                .addKeyValue("engine", engineOf(inUse.context()))
                .log("certificate in use");
    }

    @Override
    public void close() {
        watch.shutdownNow();
    }
}
