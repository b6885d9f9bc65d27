package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.HttpConfig.TlsConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.KeyPairFiles;
import io.jenkins.plugins.cvmfs.notify.proxy.tls.ReloadableTlsContext;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS for accepted connections. A thread of its own looks at the certificate's files now and then: changed ones count from the next
 * connection on, and connections that are open keep what they began with.
 */
final class TlsAcceptor implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TlsAcceptor.class);
    private final ReloadableTlsContext context;
    private final Duration handshakeTimeout;
    private final TlsMetrics metrics;
    private final ScheduledExecutorService watch =
            Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("cvmfs-notify-certificate", true));

    /** @throws InvalidInputException if a file cannot be used; the message names it */
    TlsAcceptor(TlsConfig config, KeyPairFiles files, Duration handshakeTimeout, MeterRegistry meters) {
        this.context = new ReloadableTlsContext(files, config.clientCaFile(), new TlsEngines(config.engine()));
        this.handshakeTimeout = handshakeTimeout;
        this.metrics = new TlsMetrics(meters, context);
        long interval = config.reloadInterval().toNanos();
        var unused = watch.scheduleWithFixedDelay(this::look, interval, interval, TimeUnit.NANOSECONDS);
        inUse();
    }

    /** What is to be the first handler of a new connection. */
    ChannelHandler handler(Channel channel) {
        SslHandler handler = context.current().newHandler(channel.alloc());
        handler.setHandshakeTimeoutMillis(handshakeTimeout.toMillis());
        handler.handshakeFuture().addListener(ended -> {
            if (!ended.isSuccess()) {
                metrics.handshakeFailed();
                LOG.atDebug()
                        .addKeyValue("from", channel.remoteAddress())
                        .addKeyValue("detail", String.valueOf(ended.cause()))
                        .log("TLS handshake failed");
            }
        });
        return handler;
    }

    /**
     * Reads the files of a new configuration; from any thread.
     *
     * @return takes them on
     * @throws InvalidInputException if a file cannot be used, or the configuration ends TLS, which takes a restart
     */
    Runnable prepare(TlsConfig next) {
        KeyPairFiles files = next.identity()
                .orElseThrow(() -> new InvalidInputException("tls.cert_file: to end TLS takes a restart of the proxy"));
        Runnable change = context.prepare(files, next.clientCaFile(), new TlsEngines(next.engine()));
        return () -> {
            change.run();
            metrics.reloaded();
            inUse();
        };
    }

    /** Takes on changed files; if they cannot be used, says so once and keeps what there is. Blocks. */
    void look() {
        try {
            if (context.refresh()) {
                metrics.reloaded();
                inUse();
            }
        } catch (InvalidInputException e) {
            metrics.reloadFailed();
            LOG.atError()
                    .addKeyValue("detail", e.getMessage())
                    .log(
                            "the certificate's files have changed and cannot be used; the former certificate stays in use");
        } catch (RuntimeException e) {
            // An exception would end the watch.
            LOG.atError().setCause(e).log("the certificate's files cannot be looked at");
        }
    }

    private void inUse() {
        var certificate = context.certificate();
        LOG.atInfo()
                .addKeyValue("subject", certificate.getSubjectX500Principal())
                .addKeyValue("until", certificate.getNotAfter().toInstant())
                .addKeyValue("engine", TlsEngines.name(context.current()))
                .log("certificate in use");
    }

    @Override
    public void close() {
        watch.shutdownNow();
    }
}
