package io.jenkins.plugins.cvmfs.notify.proxy.frontend;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** The open connections: how many there may be, and all of them for the time when the proxy shuts down. From any thread. */
final class Connections {

    private static final String BODY = Answer.errorBody("too_many_connections") + "\n";

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

    private static final byte[] REFUSAL_BODY =
            (Integer.toHexString(BODY.length()) + "\r\n" + BODY + "\r\n0\r\n\r\n").getBytes(US_ASCII);

    private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final FrontEndMetrics metrics;
    private final AtomicInteger count = new AtomicInteger();
    private volatile int limit;

    /** @param limit how many may be open */
    Connections(int limit, FrontEndMetrics metrics) {
        this.limit = limit;
        this.metrics = metrics;
        metrics.watchConnections(count);
    }

    /** Counts a new connection in; or, if there are too many, answers it, closes it and returns false. */
    boolean admit(Channel channel) {
        if (count.incrementAndGet() > limit) {
            count.decrementAndGet();
            metrics.connectionRefused();
            refuse(channel);
            return false;
        }
        channel.closeFuture().addListener(closed -> count.decrementAndGet());
        open.add(channel);
        return true;
    }

    private static void refuse(Channel channel) {
        var unused = channel.writeAndFlush(Unpooled.wrappedBuffer(REFUSAL_HEAD));
        channel.writeAndFlush(Unpooled.wrappedBuffer(REFUSAL_BODY)).addListener(ChannelFutureListener.CLOSE);
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
