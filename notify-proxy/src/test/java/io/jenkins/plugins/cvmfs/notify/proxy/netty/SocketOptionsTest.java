package io.jenkins.plugins.cvmfs.notify.proxy.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jenkins.plugins.cvmfs.notify.proxy.config.LimitsConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the kernel says of an accepted socket. */
class SocketOptionsTest {

    private static final int SECONDS = 60;
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final LimitsConfig limits = TestConfigs.limits();
    private final CompletableFuture<Channel> accepted = new CompletableFuture<>();
    private EventLoopGroup loops;

    @AfterEach
    void end() {
        if (loops != null) {
            loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    @Test
    void aSocketAcceptedByEpollHasThemFromTheListeningOne() throws Exception {
        assumeTrue(Epoll.isAvailable(), "there is no epoll here");
        Channel listening = bootstrap(SocketTransport.EPOLL)
                .channel(SocketTransport.EPOLL.serverChannel())
                .bind(ANY_PORT)
                .sync()
                .channel();

        try (java.net.Socket client = connect((InetSocketAddress) listening.localAddress())) {
            assertAllAreSetByEpoll(acceptedFrom(client));
        }
    }

    @Test
    void aSocketThatWaitedBeforeTheListeningOneWasAdoptedHasThemToo() throws Exception {
        // Given
        assumeTrue(Epoll.isAvailable(), "there is no epoll here");
        Socket handed = Socket.newSocketStream();
        handed.bind(ANY_PORT);
        handed.listen(1);

        try (java.net.Socket client = connect(handed.localAddress())) {
            // When
            SocketTransport.EPOLL
                    .adopt(bootstrap(SocketTransport.EPOLL), handed.intValue(), limits)
                    .sync();

            // Then
            assertAllAreSetByEpoll(acceptedFrom(client));
        }
    }

    @Test
    void aSocketOfTheJdkHasAllButTheUserTimeout() throws Exception {
        Channel listening = bootstrap(SocketTransport.NIO)
                .channel(SocketTransport.NIO.serverChannel())
                .bind(ANY_PORT)
                .sync()
                .channel();

        try (java.net.Socket client = connect((InetSocketAddress) listening.localAddress())) {
            Channel socket = acceptedFrom(client);
            assertBasicsAreSet(socket, limits.backlogBytes());
            assertThat(socket.config().getOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE)))
                    .isEqualTo((int) limits.pingInterval().toSeconds());
            assertThat(socket.config().getOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL)))
                    .isEqualTo((int) limits.pingInterval().toSeconds() / 3);
            assertThat(socket.config().getOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT)))
                    .isEqualTo(3);
        }
    }

    private ServerBootstrap bootstrap(SocketTransport transport) {
        loops = new MultiThreadIoEventLoopGroup(1, transport.ioHandlers());
        ServerBootstrap bootstrap = new ServerBootstrap().group(loops).childHandler(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelActive(ChannelHandlerContext ctx) {
                accepted.complete(ctx.channel());
            }
        });
        transport.setOptions(bootstrap, limits);
        return bootstrap;
    }

    private static java.net.Socket connect(InetSocketAddress address) throws IOException {
        return new java.net.Socket(address.getAddress(), address.getPort());
    }

    private Channel acceptedFrom(java.net.Socket client) throws Exception {
        Channel socket = accepted.get(SECONDS, TimeUnit.SECONDS);
        assertThat(socket.remoteAddress()).isEqualTo(client.getLocalSocketAddress());
        return socket;
    }

    private void assertAllAreSetByEpoll(Channel socket) {
        // The kernel doubles it, for its own needs; the JDK halves what the kernel says.
        assertBasicsAreSet(socket, 2 * limits.backlogBytes());
        assertThat(socket.config().getOption(EpollChannelOption.TCP_KEEPIDLE))
                .isEqualTo((int) limits.pingInterval().toSeconds());
        assertThat(socket.config().getOption(EpollChannelOption.TCP_KEEPINTVL))
                .isEqualTo((int) limits.pingInterval().toSeconds() / 3);
        assertThat(socket.config().getOption(EpollChannelOption.TCP_KEEPCNT)).isEqualTo(3);
        assertThat(socket.config().getOption(EpollChannelOption.TCP_USER_TIMEOUT))
                .isEqualTo((int) limits.stalledTimeout().toMillis());
    }

    private static void assertBasicsAreSet(Channel socket, int sendBuffer) {
        assertThat(socket.config().getOption(ChannelOption.TCP_NODELAY)).isTrue();
        assertThat(socket.config().getOption(ChannelOption.SO_KEEPALIVE)).isTrue();
        assertThat(socket.config().getOption(ChannelOption.SO_SNDBUF)).isEqualTo(sendBuffer);
    }
}
