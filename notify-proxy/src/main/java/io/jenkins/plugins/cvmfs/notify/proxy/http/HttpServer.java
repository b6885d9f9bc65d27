package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.HttpConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LimitsConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Reloadable;
import io.jenkins.plugins.cvmfs.notify.proxy.netty.ByteBudget;
import io.jenkins.plugins.cvmfs.notify.proxy.netty.EventLoops;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server: one listening socket for all routes. Started once and closed once by its owner; whatever its routes use is closed after
 * it.
 */
public final class HttpServer implements AutoCloseable, Reloadable {

    private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);
    private static final int LISTEN_BACKLOG = 4096;

    /** The user event by which each connection learns that the server closes: it ends as its protocol ends. */
    public enum Shutdown {
        STARTED
    }

    /**
     * Something to finish before connections are closed.
     *
     * @param begin starts it; the future completes when it is finished
     * @param unfinished says in the log what remains if it takes too long
     */
    public record DrainStep(Supplier<CompletableFuture<Void>> begin, String unfinished) {}

    private final InetSocketAddress bindAddress;
    private final LimitsConfig limits;
    private final List<DrainStep> drain;
    private final EventLoops loops;
    private final ConnectionLimits connections;
    private final HttpConnection.Service service;
    private final boolean proxyProtocol;
    private final @Nullable TlsAcceptor tls;
    private final AtomicBoolean closed = new AtomicBoolean();
    private @Nullable Channel listening;

    /**
     * Creates a server that listens nowhere yet. Reads the files of the certificate, if there is one.
     *
     * @param config of which it uses the address, the port, the limits, and everything about HTTP
     * @param routes asked in this order
     * @param drain done in this order when the server closes
     * @param loops for all connections; closed by their owner, after this
     * @throws InvalidInputException if the files of the certificate cannot be used; the message names the file
     */
    public HttpServer(
            ProxyConfig config, List<Route> routes, List<DrainStep> drain, MeterRegistry meters, EventLoops loops) {
        HttpConfig http = config.http();
        HttpMetrics metrics = new HttpMetrics(meters);
        Peers peers = new Peers(http.trustedProxies());
        this.bindAddress = new InetSocketAddress(config.bind(), config.port());
        this.limits = config.limits();
        this.drain = List.copyOf(drain);
        this.loops = loops;
        this.connections = new ConnectionLimits(
                ConnectionLimits.allowedByDescriptors(limits.maxConnections()),
                limits.fairShare().maxConnectionsPerAddress(),
                metrics);
        this.service = new HttpConnection.Service(
                new Router(routes),
                new HostNames(http, HostNames.ofThisMachine(), peers, metrics),
                new OriginPolicy(http.allowedOrigins(), metrics),
                peers,
                limits,
                new ByteBudget(limits.fairShare().maxPendingBytes()),
                new ByteBudget(limits.fairShare().maxPendingBytes()),
                metrics);
        metrics.watch(service.bodies(), service.responses());
        this.proxyProtocol = http.proxyProtocol();
        this.tls = http.tls().identity().isPresent()
                ? new TlsAcceptor(http.tls(), limits.handshakeTimeout(), meters)
                : null;
    }

    /**
     * Listens. Returns once connections are accepted.
     *
     * @throws IOException if the address cannot be bound; the message names address, port and reason
     */
    public void start() throws IOException {
        String where = "%s port %d".formatted(bindAddress.getHostString(), bindAddress.getPort());
        accept(bootstrap().channel(loops.transport().serverChannel()).bind(bindAddress), where);
    }

    /**
     * Accepts connections on a socket that listens already; those that arrived before the process started are waiting in it. Closing
     * leaves it open for other processes.
     *
     * @param socket the number of its file descriptor in this process
     * @throws IOException if it is not a listening TCP socket, or the machine's transport cannot use it; the message says which
     */
    public void startOn(int socket) throws IOException {
        accept(loops.transport().adopt(bootstrap(), socket, limits), "the socket that the service was handed");
    }

    private ServerBootstrap bootstrap() {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops.group())
                .option(ChannelOption.SO_BACKLOG, LISTEN_BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(limits.backlogBytes() / 2, limits.backlogBytes()))
                .childHandler(new ConnectionInitializer());
        loops.transport().setOptions(bootstrap, limits);
        return bootstrap;
    }

    private void accept(ChannelFuture opening, String where) throws IOException {
        ChannelFuture bound = opening.awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("cannot listen on %s: %s".formatted(where, reason(bound.cause())), bound.cause());
        }
        if (!(bound.channel().localAddress() instanceof InetSocketAddress)) {
            var unused = bound.channel().close();
            throw new IOException("cannot listen on %s: not a TCP socket".formatted(where));
        }
        listening = bound.channel();
        LOG.atInfo()
                .addKeyValue("address", NetUtil.toSocketAddressString(address()))
                .addKeyValue("transport", loops.transport())
                .addKeyValue("io_uring", loops.transport().batchesSends())
                .log("accepting connections");
    }

    /** Returns what the system says, without the function's name and number that Netty puts before it. */
    private static String reason(Throwable failure) {
        return String.valueOf(failure.getMessage()).replaceFirst("^\\w+\\(\\.\\.\\) failed.*?: ", "");
    }

    /** Prepares an accepted connection for its first request: counts it, reads its PROXY header, starts TLS. */
    @Sharable
    private final class ConnectionInitializer extends ChannelInitializer<Channel> {

        @Override
        protected void initChannel(Channel channel) {
            if (!connections.admit(channel)) {
                startTls(channel);
                connections.refuse(channel, ConnectionLimits.Refusal.TOO_MANY_CONNECTIONS);
            } else if (proxyProtocol && service.peers().isTrusted(Peers.socketAddress(channel))) {
                ProxyProtocolHandler.await(channel, limits.handshakeTimeout(), service.metrics(), this::begin);
            } else {
                begin(channel);
            }
        }

        private void begin(Channel channel) {
            startTls(channel);
            InetAddress client = Peers.address(channel);
            // Behind an HTTP proxy many clients share a connection; only their requests differ.
            if (service.peers().isTrusted(client) || connections.admitClient(channel, client)) {
                HttpConnection.begin(channel, service);
            } else {
                connections.refuse(channel, ConnectionLimits.Refusal.TOO_MANY_CONNECTIONS_FROM_ADDRESS);
            }
        }

        private void startTls(Channel channel) {
            if (tls != null) {
                channel.pipeline().addLast(tls.handler(channel));
            }
        }
    }

    /**
     * Returns the address it listens on, with the real port.
     *
     * @throws IllegalStateException before {@link #start()}
     */
    public InetSocketAddress address() {
        if (listening == null) {
            throw new IllegalStateException("the HTTP server has not been started");
        }
        return (InetSocketAddress) listening.localAddress();
    }

    /** Takes over the certificate. Address, port and limits change only at a restart. */
    @Override
    public Runnable prepare(ProxyConfig next) {
        return tls == null ? () -> {} : tls.prepare(next.http().tls());
    }

    /**
     * Stops accepting, drains, ends every connection as its protocol ends, and closes what remains. Blocks for at most little more than
     * the configured drain timeout. Closing twice is fine.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        if (listening != null) {
            listening.close().awaitUninterruptibly();
        }
        long deadlineNanos = System.nanoTime() + limits.drainTimeout().toNanos();
        drain.forEach(step -> await(step.begin().get(), deadlineNanos, step.unfinished()));
        connections.shutDown();
        await(connections.closed(), deadlineNanos, "connections are still open");
        connections.closeAll();
        if (tls != null) {
            tls.close();
        }
    }

    private static void await(CompletableFuture<Void> step, long deadlineNanos, String unfinished) {
        try {
            step.get(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            LOG.atWarn().addKeyValue("unfinished", unfinished).log("shutting down after the drain timeout");
        } catch (ExecutionException e) {
            LOG.atWarn()
                    .setCause(e)
                    .addKeyValue("unfinished", unfinished)
                    .log("shutting down after a failure to drain");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
