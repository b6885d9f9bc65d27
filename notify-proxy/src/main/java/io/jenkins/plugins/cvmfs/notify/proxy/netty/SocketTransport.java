package io.jenkins.plugins.cvmfs.notify.proxy.netty;

import io.jenkins.plugins.cvmfs.notify.proxy.config.LimitsConfig;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.io.IOException;
import java.net.SocketOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import jdk.net.ExtendedSocketOptions;

/**
 * The transport of the sockets: the kernel's epoll where Netty has a native library for it, else the JDK's selectors. Both watch
 * silent connections by TCP keepalive; epoll also ends a connection whose peer leaves data unacknowledged, or unread, too long.
 */
public enum SocketTransport {
    /** The kernel's epoll, with io_uring for {@link IoUringBatch}es where the kernel lets us. */
    EPOLL(EpollServerSocketChannel.class) {
        @Override
        IoHandlerFactory ioHandlers() {
            return IoUringBatch.RingBesideEpoll.factory(EpollIoHandler.newFactory());
        }

        @Override
        public boolean batchesSends() {
            return IoUringBatch.RingBesideEpoll.isAvailable();
        }

        @Override
        public ChannelFuture adopt(ServerBootstrap bootstrap, int socket, LimitsConfig limits) {
            // The connections that wait in it may have come before its options were set.
            inheritedOptions(limits).forEach(bootstrap::childOption);
            return bootstrap
                    .channelFactory(() -> new EpollServerSocketChannel(socket))
                    .register();
        }

        @Override
        public void setOptions(ServerBootstrap bootstrap, LimitsConfig limits) {
            inheritedOptions(limits).forEach(bootstrap::option);
        }
    },
    /** The JDK's selectors. */
    NIO(NioServerSocketChannel.class) {
        @Override
        IoHandlerFactory ioHandlers() {
            return NioIoHandler.newFactory();
        }

        @Override
        public ChannelFuture adopt(ServerBootstrap bootstrap, int socket, LimitsConfig limits) throws IOException {
            throw new IOException(
                    "cannot listen on a socket that the service was handed: Netty has no epoll library for this machine");
        }

        @Override
        public void setOptions(ServerBootstrap bootstrap, LimitsConfig limits) {
            bootstrap
                    .childOption(ChannelOption.TCP_NODELAY, true)
                    .childOption(ChannelOption.SO_KEEPALIVE, true)
                    .childOption(ChannelOption.SO_SNDBUF, limits.backlogBytes())
                    .childOption(of(ExtendedSocketOptions.TCP_KEEPIDLE), seconds(limits.pingInterval()))
                    .childOption(of(ExtendedSocketOptions.TCP_KEEPINTERVAL), probeInterval(limits))
                    .childOption(of(ExtendedSocketOptions.TCP_KEEPCOUNT), PROBES);
        }
    };

    /** So many unanswered probes end a silent connection. */
    private static final int PROBES = 3;

    private final Class<? extends ServerSocketChannel> serverChannel;

    SocketTransport(Class<? extends ServerSocketChannel> serverChannel) {
        this.serverChannel = serverChannel;
    }

    /** The best this machine has. */
    public static SocketTransport best() {
        return Epoll.isAvailable() ? EPOLL : NIO;
    }

    abstract IoHandlerFactory ioHandlers();

    /** Returns true if {@link IoUringBatch}es are available on its event loops. */
    public boolean batchesSends() {
        return false;
    }

    /**
     * Accepts connections on a socket that listens already.
     *
     * @param socket the number of its file in this process
     * @throws IOException if this transport cannot
     */
    public abstract ChannelFuture adopt(ServerBootstrap bootstrap, int socket, LimitsConfig limits) throws IOException;

    /**
     * Options of every accepted socket: small answers are sent at once, silent peers are probed, and no larger a buffer for what is to be sent
     * than the limit; left to itself the kernel would keep megabytes of stale messages for a client that does not read.
     */
    public abstract void setOptions(ServerBootstrap bootstrap, LimitsConfig limits);

    /** Returns the class of listening channels. */
    public Class<? extends ServerSocketChannel> serverChannel() {
        return serverChannel;
    }

    private static ChannelOption<Integer> of(SocketOption<Integer> option) {
        return NioChannelOption.of(option);
    }

    private static int probeInterval(LimitsConfig limits) {
        return seconds(limits.pingInterval().dividedBy(PROBES));
    }

    private static int seconds(Duration duration) {
        return (int) Math.max(1, Math.min(duration.toSeconds(), Short.MAX_VALUE));
    }

    /**
     * Options of TCP that Linux gives to every accepted socket when the listening one has them: set once there, they cost no system call
     * for each connection. Netty has none of them for a listening socket, hence the numbers of Linux, the same on every machine for
     * which Netty has its epoll library. They may as well be set on an accepted socket. In the units of Linux: seconds, and milliseconds
     * for the user timeout.
     */
    private static Map<ChannelOption<Integer>, Integer> inheritedOptions(LimitsConfig limits) {
        int socket = 1;
        int tcp = 6;
        Map<ChannelOption<Integer>, Integer> options = new HashMap<>();
        options.put(new IntegerUnixChannelOption("SO_SNDBUF", socket, 7), limits.backlogBytes());
        options.put(new IntegerUnixChannelOption("SO_KEEPALIVE", socket, 9), 1);
        options.put(new IntegerUnixChannelOption("TCP_NODELAY", tcp, 1), 1);
        options.put(new IntegerUnixChannelOption("TCP_KEEPIDLE", tcp, 4), seconds(limits.pingInterval()));
        options.put(new IntegerUnixChannelOption("TCP_KEEPINTVL", tcp, 5), probeInterval(limits));
        options.put(new IntegerUnixChannelOption("TCP_KEEPCNT", tcp, 6), PROBES);
        options.put(new IntegerUnixChannelOption("TCP_USER_TIMEOUT", tcp, 18), (int)
                limits.stalledTimeout().toMillis());
        return options;
    }
}
