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
import java.io.IOException;
import java.net.SocketOption;
import java.time.Duration;
import jdk.net.ExtendedSocketOptions;

/**
 * What the sockets are made of: the kernel's epoll where Netty has a native library for it, else the JDK's selectors. Both watch
 * silent connections by TCP keepalive; epoll also ends a connection whose peer leaves data unacknowledged, or unread, too long.
 */
public enum SocketTransport {
    /** The kernel's epoll, with io_uring for {@link IoUringBatch}es where the kernel lets us. */
    EPOLL(EpollServerSocketChannel.class) {
        @Override
        IoHandlerFactory ioHandlers() {
            return RingBesideEpoll.factory(EpollIoHandler.newFactory());
        }

        @Override
        boolean batchesSends() {
            return RingBesideEpoll.isAvailable();
        }

        @Override
        public ChannelFuture adopt(ServerBootstrap bootstrap, int socket, LimitsConfig limits) {
            // The connections that wait in it may have come before its options were set.
            InheritedOptions.of(limits).forEach(bootstrap::childOption);
            return bootstrap
                    .channelFactory(() -> new EpollServerSocketChannel(socket))
                    .register();
        }

        @Override
        public void setOptions(ServerBootstrap bootstrap, LimitsConfig limits) {
            InheritedOptions.of(limits).forEach(bootstrap::option);
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
    static final int PROBES = 3;

    private final Class<? extends ServerSocketChannel> serverChannel;

    SocketTransport(Class<? extends ServerSocketChannel> serverChannel) {
        this.serverChannel = serverChannel;
    }

    /** The best this machine has. */
    public static SocketTransport best() {
        return Epoll.isAvailable() ? EPOLL : NIO;
    }

    abstract IoHandlerFactory ioHandlers();

    boolean batchesSends() {
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
     * What every accepted socket is to have: small answers at once, silent peers watched, and no larger a buffer for what is to be sent
     * than the limit; left to itself the kernel would keep megabytes of stale messages for a client that does not read.
     */
    public abstract void setOptions(ServerBootstrap bootstrap, LimitsConfig limits);

    /** What listens. */
    public Class<? extends ServerSocketChannel> serverChannel() {
        return serverChannel;
    }

    private static ChannelOption<Integer> of(SocketOption<Integer> option) {
        return NioChannelOption.of(option);
    }

    static int probeInterval(LimitsConfig limits) {
        return seconds(limits.pingInterval().dividedBy(PROBES));
    }

    static int seconds(Duration duration) {
        return (int) Math.max(1, Math.min(duration.toSeconds(), Short.MAX_VALUE));
    }
}
