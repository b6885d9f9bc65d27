package io.jenkins.plugins.cvmfs.notify.proxy.systemd;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Assumptions;

/** The socket on which systemd listens to its services; keeps what they say. Skips the test where Netty has no epoll library. */
public final class NotifySocket implements AutoCloseable {

    private final EventLoopGroup loop;
    private final List<String> received = new CopyOnWriteArrayList<>();

    /** @param path of a file, or a name that begins with a zero */
    public NotifySocket(String path) {
        Assumptions.assumeTrue(Epoll.isAvailable(), "needs Netty's epoll library for this machine");
        loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        new Bootstrap()
                .group(loop)
                .channel(EpollDomainDatagramChannel.class)
                .handler(new Keeping())
                .bind(new DomainSocketAddress(path))
                .syncUninterruptibly();
    }

    /** Each message, in the order of arrival. */
    public List<String> received() {
        return received;
    }

    @Override
    public void close() {
        loop.shutdownGracefully().awaitUninterruptibly();
    }

    private final class Keeping extends SimpleChannelInboundHandler<DomainDatagramPacket> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, DomainDatagramPacket packet) {
            received.add(packet.content().toString(StandardCharsets.UTF_8));
        }
    }
}
