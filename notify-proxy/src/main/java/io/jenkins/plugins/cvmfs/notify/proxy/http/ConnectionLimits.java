package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.management.UnixOperatingSystemMXBean;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open connections: limits their number in total and for each client, and ends them when the server closes. Thread-safe.
 */
final class ConnectionLimits {

    /** Why a connection is refused; in lower case, clients and metrics know it by its name. */
    enum Refusal {
        TOO_MANY_CONNECTIONS,
        TOO_MANY_CONNECTIONS_FROM_ADDRESS
    }

    /**
     * The response to a connection over the limit, before its request is read. Every client must take it for a failure: in chunks for the
     * C++ publisher, with a line break for the C++ subscriber.
     */
    private static final byte[] REFUSAL_HEAD = """
            HTTP/1.1 503 Service Unavailable\r
            Content-Type: application/json\r
            Transfer-Encoding: chunked\r
            Connection: close\r
            Retry-After: 5\r
            \r
            """.getBytes(US_ASCII);

    /** Descriptors for the log, the journal, the broker, the jar, files of the configuration, and refused connections. */
    static final int RESERVED_DESCRIPTORS = 512;

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionLimits.class);

    /** Refused connections that may be open until the client has read the refusal; further ones are reset. */
    private static final int MAX_REFUSALS = 256;

    private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final ConcurrentMap<InetAddress, Integer> byNetwork = new ConcurrentHashMap<>();
    private final int limitPerClient;
    private final HttpMetrics metrics;
    private final AtomicInteger count = new AtomicInteger();
    private final ChannelFutureListener gone = closed -> count.decrementAndGet();
    private final AtomicInteger refusals = new AtomicInteger();
    private volatile int limit;

    /**
     * @param limit maximum number of open connections
     * @param limitPerClient maximum number of one IPv4 address, or of one IPv6 network of 64 bits
     */
    ConnectionLimits(int limit, int limitPerClient, HttpMetrics metrics) {
        this.limit = limit;
        this.limitPerClient = limitPerClient;
        this.metrics = metrics;
        metrics.watchConnections(count);
    }

    /** Returns how many of the configured connections the process has file descriptors for; logs why if that is fewer. */
    static int allowedByDescriptors(int configured) {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? allowedByDescriptors(configured, system.getMaxFileDescriptorCount())
                : configured;
    }

    /** @param allowed descriptors that the system allows the process */
    static int allowedByDescriptors(int configured, long allowed) {
        long needed = (long) configured + RESERVED_DESCRIPTORS;
        if (allowed >= needed) {
            LOG.atInfo()
                    .addKeyValue("allowed", allowed)
                    .addKeyValue("needed", needed)
                    .log("file descriptors suffice for limits.max_connections");
            return configured;
        }
        int possible = (int) Math.min(configured, Math.max(1, Math.max(allowed - RESERVED_DESCRIPTORS, allowed / 2)));
        LOG.atWarn()
                .addKeyValue("allowed", allowed)
                .addKeyValue("needed", needed)
                .addKeyValue("max_connections", possible)
                .log("limit of open files is too low for limits.max_connections, which is lowered;"
                        + " raise LimitNOFILE of the systemd unit, or ulimit -n");
        return possible;
    }

    /** Counts a new connection until it closes; returns false if there are too many. */
    boolean admit(Channel channel) {
        if (count.incrementAndGet() > limit) {
            count.decrementAndGet();
            return false;
        }
        channel.closeFuture().addListener(gone);
        open.add(channel);
        return true;
    }

    /** Counts a connection of its client until it closes; returns false if the client has too many. */
    boolean admitClient(Channel channel, InetAddress client) {
        InetAddress network = Peer.networkOf(client);
        if (byNetwork.merge(network, 1, Integer::sum) > limitPerClient) {
            leave(network);
            return false;
        }
        channel.closeFuture().addListener(closed -> leave(network));
        return true;
    }

    private void leave(InetAddress network) {
        byNetwork.computeIfPresent(network, (same, now) -> now == 1 ? null : now - 1);
    }

    /** Refuses a connection before its request is read, and closes it. */
    void refuse(Channel channel, Refusal why) {
        metrics.connectionRefused(why);
        if (refusals.incrementAndGet() > MAX_REFUSALS) {
            refusals.decrementAndGet();
            ConnectionClose.reset(channel);
            return;
        }
        channel.closeFuture().addListener(closed -> refusals.decrementAndGet());
        // Later, since the pipeline is not complete yet.
        channel.eventLoop().execute(() -> refuseAfterHandshake(channel, why));
    }

    private static void refuseAfterHandshake(Channel channel, Refusal why) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            sendRefusal(channel, why);
        } else {
            // A handshake that fails closes the connection.
            tls.handshakeFuture().addListener(handshake -> {
                if (handshake.isSuccess()) {
                    sendRefusal(channel, why);
                }
            });
        }
    }

    private static void sendRefusal(Channel channel, Refusal why) {
        String body = Response.errorBody(HttpMetrics.word(why)) + "\n";
        byte[] chunks = (Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n").getBytes(US_ASCII);
        var unused = channel.writeAndFlush(Unpooled.wrappedBuffer(REFUSAL_HEAD));
        ConnectionClose.lingering(channel.writeAndFlush(Unpooled.wrappedBuffer(chunks)));
    }

    /**
     * Refuses further connections, also those that are accepted but not counted yet, and tells every other to end as its protocol ends.
     */
    void shutDown() {
        limit = 0;
        open.forEach(channel -> channel.pipeline().fireUserEventTriggered(HttpServer.Shutdown.STARTED));
    }

    /** Returns a future that completes when all connections that are open now have closed. */
    CompletableFuture<Void> closed() {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        open.newCloseFuture().addListener(all -> closed.complete(null));
        return closed;
    }

    /** Closes the remaining connections. */
    void closeAll() {
        var unused = open.close().awaitUninterruptibly();
    }
}
