package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.HttpConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LimitsConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Reloadable;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.ByteBudget;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.netty.EventLoops;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishService;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server: one listening socket for publishers, subscribers of every generation and the endpoints.
 *
 * <p>Started once and closed once, by whoever puts the proxy together; the log and the fan-out are closed after it.
 */
public final class HttpServer implements AutoCloseable, Reloadable {

    private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);
    private static final int WAITING_CONNECTIONS = 4096;
    private static final int WAITING_ENDPOINT_READS = 64;

    private final InetSocketAddress bindAddress;
    private final LimitsConfig limits;
    private final ConnectionLimits connections;
    private final Reception reception;
    private final HttpMetrics metrics;
    private final @Nullable TlsAcceptor tls;
    private final Drain drain;
    private final ThreadPoolExecutor endpointThread;
    private final ByteBudget answers;
    private final EventLoops loops;
    private final AtomicBoolean closed = new AtomicBoolean();
    private @Nullable Channel listening;

    /**
     * Listens nowhere yet. Reads the certificate's files, if there are any.
     *
     * @param config of which it uses the address, the port, all about HTTP, and the limits
     * @param endpoints what else is served on the port, asked in this order
     * @param loops for all connections; closed by their owner, after this
     * @throws InvalidInputException if the certificate's files cannot be used; the message names the file
     */
    public HttpServer(
            ProxyConfig config,
            PublishService admission,
            FanOut fanOut,
            List<BlockingRoute> endpoints,
            MeterRegistry meters,
            EventLoops loops) {
        this.loops = loops;
        this.bindAddress = new InetSocketAddress(config.bind(), config.port());
        this.limits = config.limits();
        this.metrics = new HttpMetrics(meters);
        this.tls = config.http()
                .tls()
                .identity()
                .map(files -> new TlsAcceptor(config.http().tls(), files, limits.handshakeTimeout(), meters))
                .orElse(null);
        this.connections = new ConnectionLimits(
                Descriptors.connections(limits.maxConnections()),
                limits.fairShare().maxConnectionsPerAddress(),
                metrics);
        this.drain = new Drain(admission, fanOut, connections, limits.drainTimeout());
        this.endpointThread = endpointThread();
        this.answers = new ByteBudget(limits.fairShare().maxPendingBytes());
        metrics.watchAnswers(answers);
        Subscriptions subscriptions =
                new Subscriptions(fanOut, admission, limits, metrics, new SubscribeMessageCache());
        Router routes = new Router(Stream.<Route>concat(
                        Stream.of(
                                new PublishRoute(admission, limits.maxMessageBytes()),
                                new SubscribeRoute(subscriptions),
                                new ForgetResource(admission)),
                        endpoints.stream().map(this::resource))
                .toList());
        HttpConfig http = config.http();
        Peers peers = new Peers(http.trustedProxies());
        ByteBudget bodies = new ByteBudget(limits.fairShare().maxPendingBytes());
        metrics.watchBodies(bodies);
        this.reception = new Reception(
                connections,
                new HttpService(
                        routes,
                        new HostNames(http, HostNames.ofThisMachine(), peers, metrics),
                        new OriginPolicy(http.allowedOrigins(), metrics),
                        peers,
                        limits,
                        bodies,
                        answers,
                        metrics),
                tls,
                http.proxyProtocol());
    }

    private Route resource(BlockingRoute endpoint) {
        if (endpoint instanceof StatusStream feed) {
            StatusStreamRoute watched = new StatusStreamRoute(feed, endpointThread, limits, answers);
            watched.start(loops.group().next());
            metrics.watchFeed(watched);
            return watched;
        }
        return new BlockingRouteAdapter(endpoint, endpointThread);
    }

    private static ThreadPoolExecutor endpointThread() {
        return new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(WAITING_ENDPOINT_READS),
                new DefaultThreadFactory("cvmfs-notify-endpoints", true));
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
     * Accepts connections on a socket that listens already: those that came while there was no process are waiting in it. Closing
     * leaves it open for whoever else has it.
     *
     * @param socket the number of its file in this process
     * @throws IOException if it is no TCP socket that listens, or the machine's transport cannot use it; the message says which
     */
    public void startOn(int socket) throws IOException {
        accept(loops.transport().adopt(bootstrap(), socket, limits), "the socket that the service was handed");
    }

    private ServerBootstrap bootstrap() {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops.group())
                .option(ChannelOption.SO_BACKLOG, WAITING_CONNECTIONS)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(limits.backlogBytes() / 2, limits.backlogBytes()))
                .childHandler(reception);
        loops.transport().setOptions(bootstrap, limits);
        return bootstrap;
    }

    private void accept(ChannelFuture opening, String where) throws IOException {
        ChannelFuture bound = opening.awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "cannot listen on %s: %s".formatted(where, bound.cause().getMessage()), bound.cause());
        }
        if (!(bound.channel().localAddress() instanceof InetSocketAddress)) {
            var unused = bound.channel().close();
            throw new IOException("cannot listen on %s: it is no TCP socket".formatted(where));
        }
        listening = bound.channel();
        LOG.atInfo()
                .addKeyValue("address", address())
                .addKeyValue("transport", loops.transport())
                .addKeyValue("io_uring", loops.batchesSends())
                .log("accepting connections");
    }

    /**
     * Where it listens, with the real port.
     *
     * @throws IllegalStateException before {@link #start()}
     */
    public InetSocketAddress address() {
        if (listening == null) {
            throw new IllegalStateException("the front end has not been started");
        }
        return (InetSocketAddress) listening.localAddress();
    }

    /** Takes over the certificate. Address, port and limits stay until a restart. */
    @Override
    public Runnable prepare(ProxyConfig next) {
        return tls == null ? () -> {} : tls.prepare(next.http().tls());
    }

    /**
     * Stops accepting, refuses new publishes with 503, lets pending ones finish, says good-bye to subscribers and closes every
     * connection. Blocks, for little more than the configured drain time at most. Closing twice is fine.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        if (listening != null) {
            listening.close().awaitUninterruptibly();
        }
        drain.run();
        endpointThread.shutdownNow();
        if (tls != null) {
            tls.close();
        }
    }
}
