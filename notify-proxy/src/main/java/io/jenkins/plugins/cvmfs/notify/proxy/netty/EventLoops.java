package io.jenkins.plugins.cvmfs.notify.proxy.netty;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;

/**
 * The threads that see to the sockets of publishers and subscribers. Nothing may block on them.
 */
public final class EventLoops implements AutoCloseable {

    private static final int SHUTDOWN_SECONDS = 2;

    private final SocketTransport transport;
    private final EventLoopGroup group;

    private EventLoops(SocketTransport transport) {
        this.transport = transport;
        this.group = new MultiThreadIoEventLoopGroup(
                count(), new DefaultThreadFactory("cvmfs-notify-io"), transport.ioHandlers());
    }

    /** Event loops of the best transport that this machine has. Their threads start when they are first needed. */
    public static EventLoops open() {
        return open(SocketTransport.best());
    }

    /** The same, of this transport. */
    public static EventLoops open(SocketTransport transport) {
        return new EventLoops(transport);
    }

    /** One processor stays for those who read, the disk, the broker and the compilers; Netty's own property says otherwise. */
    private static int count() {
        int processors = Runtime.getRuntime().availableProcessors();
        return Integer.getInteger("io.netty.eventLoopThreads", Math.max(1, processors - 1));
    }

    /** Returns the transport of the sockets on them. */
    public SocketTransport transport() {
        return transport;
    }

    /** All of them. */
    public EventLoopGroup group() {
        return group;
    }

    /** Begins a check of life; what it returns completes once every event loop has come to it. */
    public CompletableFuture<Void> pulse() {
        return CompletableFuture.allOf(StreamSupport.stream(group.spliterator(), false)
                .map(loop -> CompletableFuture.runAsync(() -> {}, loop))
                .toArray(CompletableFuture<?>[]::new));
    }

    /** Closes all their sockets and ends them; blocks for little more than {@value #SHUTDOWN_SECONDS} seconds. Closing twice is fine. */
    @Override
    public void close() {
        group.shutdownGracefully(0, SHUTDOWN_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
