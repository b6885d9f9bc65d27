package io.jenkins.plugins.cvmfs.notify.proxy.systemd;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notifies systemd of the service's state over the socket in {@code NOTIFY_SOCKET}; does nothing without that variable. Failures to
 * send are logged and have no effect on the service. Thread-safe; {@code close} may be called more than once.
 */
public final class ServiceManager implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ServiceManager.class);
    private static final long SEND_SECONDS = 1;

    private final @Nullable EventLoopGroup loop;
    private final @Nullable Channel socket;
    private final Duration watchdog;

    private ServiceManager(@Nullable EventLoopGroup loop, @Nullable Channel socket, Duration watchdog) {
        this.loop = loop;
        this.socket = socket;
        this.watchdog = watchdog;
    }

    /**
     * Connects to systemd's socket, if there is one.
     *
     * @param environment {@code NOTIFY_SOCKET} and {@code WATCHDOG_USEC} are read
     */
    public static ServiceManager of(Map<String, String> environment) {
        String path = environment.getOrDefault("NOTIFY_SOCKET", "");
        if (path.isEmpty()) {
            return new ServiceManager(null, null, Duration.ZERO);
        }
        if (!Epoll.isAvailable()) {
            LOG.atWarn().log("cannot notify systemd: Netty has no epoll library for this machine");
            return new ServiceManager(null, null, Duration.ZERO);
        }
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("cvmfs-notify-systemd", true), EpollIoHandler.newFactory());
        ChannelFuture connected = new Bootstrap()
                .group(loop)
                .channel(EpollDomainDatagramChannel.class)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(new DomainSocketAddress(path.replaceFirst("^@", "\0")))
                .awaitUninterruptibly();
        if (!connected.isSuccess()) {
            LOG.atWarn().addKeyValue("reason", reason(connected.cause())).log("cannot connect to systemd's socket");
        }
        return new ServiceManager(loop, connected.isSuccess() ? connected.channel() : null, watchdog(environment));
    }

    private static Duration watchdog(Map<String, String> environment) {
        String microseconds = environment.getOrDefault("WATCHDOG_USEC", "");
        return microseconds.matches("[0-9]{1,18}")
                ? Duration.of(Long.parseLong(microseconds), ChronoUnit.MICROS)
                : Duration.ZERO;
    }

    /**
     * Reports that the service accepts connections, and starts to feed the watchdog, twice in each of its periods; systemd restarts a
     * service that does not.
     *
     * @param status one line for {@code systemctl status}
     * @param pulse starts a check of the service; the result completes when the check has passed
     */
    public void ready(String status, Supplier<CompletionStage<Void>> pulse) {
        send("READY=1\nSTATUS=" + status);
        if (socket != null && !watchdog.isZero()) {
            long half = Math.max(1, watchdog.toMillis() / 2);
            var unused = socket.eventLoop().scheduleAtFixedRate(() -> beat(pulse), 0, half, TimeUnit.MILLISECONDS);
        }
    }

    private void beat(Supplier<CompletionStage<Void>> pulse) {
        var unused = pulse.get().thenRun(() -> send("WATCHDOG=1"));
    }

    /** Reports that the service reloads its configuration. */
    public void reloading() {
        send("RELOADING=1");
    }

    /** Reports the end of the reload, successful or not. */
    public void reloaded() {
        send("READY=1");
    }

    /** Reports that the service is stopping. */
    public void stopping() {
        send("STOPPING=1");
    }

    private void send(String state) {
        if (socket == null) {
            return;
        }
        ChannelFuture sent = socket.writeAndFlush(Unpooled.copiedBuffer(state, StandardCharsets.UTF_8));
        sent.addListener(done -> {
            if (!done.isSuccess()) {
                LOG.atWarn().addKeyValue("reason", reason(done.cause())).log("cannot notify systemd");
            }
        });
        if (!socket.eventLoop().inEventLoop()) {
            sent.awaitUninterruptibly(SEND_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Netty's exception for a socket that does not exist has no message. */
    private static String reason(Throwable failure) {
        return Objects.requireNonNullElse(failure.getMessage(), "the socket in NOTIFY_SOCKET does not exist");
    }

    @Override
    public void close() {
        if (loop != null) {
            loop.shutdownGracefully(0, SEND_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }
}
