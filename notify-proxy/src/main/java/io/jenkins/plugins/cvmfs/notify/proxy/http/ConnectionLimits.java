package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jenkins.plugins.cvmfs.notify.proxy.access.AddressGroup;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The open connections: how many there may be in all and from each address, and all of them for the time when the proxy shuts down.
 * From any thread.
 */
final class ConnectionLimits {

    /** Why a connection is refused; in lower case it is told to the client and to metrics. */
    enum Refusal {
        TOO_MANY_CONNECTIONS,
        TOO_MANY_CONNECTIONS_FROM_ADDRESS
    }

    /**
     * To a connection over the limit, before its request was read. It must be a failure to whoever it is: in chunks for the C++
     * publisher, with a line break for the C++ subscriber.
     */
    private static final byte[] REFUSAL_HEAD = """
            HTTP/1.1 503 Service Unavailable\r
            Content-Type: application/json\r
            Transfer-Encoding: chunked\r
            Connection: close\r
            Retry-After: 5\r
            \r
            """.getBytes(US_ASCII);

    /** So many refused connections may be open until their refusal has been read; further ones are closed without a word. */
    private static final int MOST_REFUSALS = 256;

    private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final ConcurrentMap<InetAddress, Integer> byAddress = new ConcurrentHashMap<>();
    private final int limitPerAddress;
    private final HttpMetrics metrics;
    private final AtomicInteger count = new AtomicInteger();
    private final ChannelFutureListener gone = closed -> count.decrementAndGet();
    private final AtomicInteger refusals = new AtomicInteger();
    private volatile int limit;

    /**
     * @param limit how many may be open
     * @param limitPerAddress how many of them with one address, or of one IPv6 network of 64 bits
     */
    ConnectionLimits(int limit, int limitPerAddress, HttpMetrics metrics) {
        this.limit = limit;
        this.limitPerAddress = limitPerAddress;
        this.metrics = metrics;
        metrics.watchConnections(count);
    }

    /** Counts a new connection in, until it closes; or, if there are too many, returns false. */
    boolean admit(Channel channel) {
        if (count.incrementAndGet() > limit) {
            count.decrementAndGet();
            return false;
        }
        channel.closeFuture().addListener(gone);
        open.add(channel);
        return true;
    }

    /** Counts the connection's client in, until the connection closes; or, if it has too many, returns false. */
    boolean admitClient(Channel channel, InetAddress client) {
        InetAddress group = AddressGroup.of(client);
        if (byAddress.merge(group, 1, Integer::sum) > limitPerAddress) {
            leave(group);
            return false;
        }
        channel.closeFuture().addListener(closed -> leave(group));
        return true;
    }

    private void leave(InetAddress group) {
        byAddress.computeIfPresent(group, (same, now) -> now == 1 ? null : now - 1);
    }

    /** Answers a connection whose request has not been read, and closes it. */
    void refuse(Channel channel, Refusal why) {
        metrics.connectionRefused(why);
        if (refusals.incrementAndGet() > MOST_REFUSALS) {
            refusals.decrementAndGet();
            HangUp.withReset(channel);
            return;
        }
        channel.closeFuture().addListener(closed -> refusals.decrementAndGet());
        // Not at once: the pipeline is still being put together.
        channel.eventLoop().execute(() -> refuseWhenSecured(channel, why));
    }

    private static void refuseWhenSecured(Channel channel, Refusal why) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            sayRefusal(channel, why);
        } else {
            // A handshake that fails closes the connection by itself.
            tls.handshakeFuture().addListener(handshake -> {
                if (handshake.isSuccess()) {
                    sayRefusal(channel, why);
                }
            });
        }
    }

    private static void sayRefusal(Channel channel, Refusal why) {
        String body = Response.errorBody(HttpMetrics.word(why)) + "\n";
        byte[] chunks = (Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n").getBytes(US_ASCII);
        var unused = channel.writeAndFlush(Unpooled.wrappedBuffer(REFUSAL_HEAD));
        LingeringClose.after(channel.writeAndFlush(Unpooled.wrappedBuffer(chunks)));
    }

    /** Tells every connection to end as its protocol ends. */
    void sayFarewell() {
        open.forEach(channel -> channel.pipeline().fireUserEventTriggered(Farewell.SHUTTING_DOWN));
    }

    /** Also those that were accepted but not yet counted in. */
    void refuseAll() {
        limit = 0;
    }

    /** Completes when all that are open now have closed. */
    CompletableFuture<Void> closed() {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        open.newCloseFuture().addListener(all -> closed.complete(null));
        return closed;
    }

    /** Closes what is left. */
    void closeAll() {
        var unused = open.close().awaitUninterruptibly();
    }
}
