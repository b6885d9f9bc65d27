package io.jenkins.plugins.cvmfs.notify.proxy.frontend;

import io.jenkins.plugins.cvmfs.notify.proxy.config.LimitsConfig;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
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
enum SocketTransport {
    EPOLL(EpollServerSocketChannel.class) {
        @Override
        IoHandlerFactory ioHandlers() {
            return EpollIoHandler.newFactory();
        }

        @Override
        ChannelFuture adopt(ServerBootstrap bootstrap, int socket) {
            return bootstrap
                    .channelFactory(() -> new EpollServerSocketChannel(socket))
                    .register();
        }

        @Override
        void watchPeers(ServerBootstrap bootstrap, LimitsConfig limits) {
            bootstrap
                    .childOption(EpollChannelOption.TCP_KEEPIDLE, seconds(limits.pingInterval()))
                    .childOption(EpollChannelOption.TCP_KEEPINTVL, probeInterval(limits))
                    .childOption(EpollChannelOption.TCP_KEEPCNT, PROBES)
                    .childOption(EpollChannelOption.TCP_USER_TIMEOUT, (int)
                            limits.stalledTimeout().toMillis());
        }
    },
    NIO(NioServerSocketChannel.class) {
        @Override
        IoHandlerFactory ioHandlers() {
            return NioIoHandler.newFactory();
        }

        @Override
        ChannelFuture adopt(ServerBootstrap bootstrap, int socket) throws IOException {
            throw new IOException(
                    "cannot listen on a socket that the service was handed: Netty has no epoll library for this machine");
        }

        @Override
        void watchPeers(ServerBootstrap bootstrap, LimitsConfig limits) {
            bootstrap
                    .childOption(of(ExtendedSocketOptions.TCP_KEEPIDLE), seconds(limits.pingInterval()))
                    .childOption(of(ExtendedSocketOptions.TCP_KEEPINTERVAL), probeInterval(limits))
                    .childOption(of(ExtendedSocketOptions.TCP_KEEPCOUNT), PROBES);
        }
    };

    private static final int PROBES = 3;

    private final Class<? extends ServerSocketChannel> serverChannel;

    SocketTransport(Class<? extends ServerSocketChannel> serverChannel) {
        this.serverChannel = serverChannel;
    }

    /** The best this machine has. */
    static SocketTransport best() {
        return Epoll.isAvailable() ? EPOLL : NIO;
    }

    abstract IoHandlerFactory ioHandlers();

    /**
     * Accepts connections on a socket that listens already.
     *
     * @param socket the number of its file in this process
     * @throws IOException if this transport cannot
     */
    abstract ChannelFuture adopt(ServerBootstrap bootstrap, int socket) throws IOException;

    abstract void watchPeers(ServerBootstrap bootstrap, LimitsConfig limits);

    Class<? extends ServerSocketChannel> serverChannel() {
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
}
