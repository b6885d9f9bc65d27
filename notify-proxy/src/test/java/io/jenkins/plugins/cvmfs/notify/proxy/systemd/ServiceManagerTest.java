package io.jenkins.plugins.cvmfs.notify.proxy.systemd;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
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
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceManagerTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private final List<String> heard = new CopyOnWriteArrayList<>();
    private EventLoopGroup loop;

    @BeforeEach
    void needsEpoll() {
        Assumptions.assumeTrue(Epoll.isAvailable(), "needs Netty's epoll library for this machine");
        loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    }

    @AfterEach
    void stop() {
        if (loop != null) {
            loop.shutdownGracefully().awaitUninterruptibly();
        }
    }

    @Test
    void systemdHearsOfEachStateOnce() {
        String path = folder.resolve("notify").toString();
        listen(path);
        try (ServiceManager manager = ServiceManager.of(Map.of("NOTIFY_SOCKET", path))) {
            manager.ready("listening on http://127.0.0.1:4930", () -> CompletableFuture.completedFuture(null));
            manager.reloading();
            manager.reloaded();
            manager.stopping();

            Awaitility.await().atMost(LIMIT).until(() -> heard.size() == 4);
        }
        assertThat(heard)
                .containsExactly(
                        "READY=1\nSTATUS=listening on http://127.0.0.1:4930", "RELOADING=1", "READY=1", "STOPPING=1");
    }

    /** As systemd names it where it runs in a container or for a user. */
    @Test
    void aSocketWithoutAFileIsReachedToo() {
        String name = "cvmfs-notify-test-" + ProcessHandle.current().pid();
        listen("\0" + name);
        try (ServiceManager manager = ServiceManager.of(Map.of("NOTIFY_SOCKET", "@" + name))) {
            manager.stopping();

            Awaitility.await().atMost(LIMIT).until(() -> heard.contains("STOPPING=1"));
        }
    }

    @Test
    void theWatchdogHearsNothingFromAServiceThatHasStoppedAnswering() {
        String path = folder.resolve("notify").toString();
        listen(path);
        CompletableFuture<Void> neverAnswered = new CompletableFuture<>();
        try (ServiceManager alive = ServiceManager.of(Map.of("NOTIFY_SOCKET", path, "WATCHDOG_USEC", "20000"));
                ServiceManager stuck = ServiceManager.of(Map.of("NOTIFY_SOCKET", path, "WATCHDOG_USEC", "20000"))) {
            stuck.ready("stuck", () -> neverAnswered);
            assertThat(heard).doesNotContain("WATCHDOG=1");

            alive.ready("alive", () -> CompletableFuture.completedFuture(null));
            Awaitility.await().atMost(LIMIT).until(() -> heard.contains("WATCHDOG=1"));
        }
    }

    @Test
    void aServiceManagerThatIsGoneDoesNoHarm() {
        try (ServiceManager manager = ServiceManager.of(
                Map.of("NOTIFY_SOCKET", folder.resolve("absent").toString()))) {
            manager.ready("ready", () -> CompletableFuture.completedFuture(null));
            manager.stopping();
        }
        assertThat(heard).isEmpty();
    }

    private void listen(String path) {
        Channel channel = new Bootstrap()
                .group(loop)
                .channel(EpollDomainDatagramChannel.class)
                .handler(new SimpleChannelInboundHandler<DomainDatagramPacket>() {
                    @Override
                    protected void channelRead0(ChannelHandlerContext context, DomainDatagramPacket packet) {
                        heard.add(packet.content().toString(StandardCharsets.UTF_8));
                    }
                })
                .bind(new DomainSocketAddress(path))
                .syncUninterruptibly()
                .channel();
        assertThat(channel.isActive()).isTrue();
    }
}
