package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the header of the PROXY protocol, version 1 or 2, with which a trusted proxy begins a connection; closes the connection if none
 * arrives in time.
 */
final class ProxyProtocolHandler extends SimpleChannelInboundHandler<HAProxyMessage> {

    private static final Logger LOG = LoggerFactory.getLogger(ProxyProtocolHandler.class);

    private final Duration limit;
    private final HttpMetrics metrics;
    private final Consumer<Channel> next;
    private @Nullable Future<?> timer;

    private ProxyProtocolHandler(Duration limit, HttpMetrics metrics, Consumer<Channel> next) {
        this.limit = limit;
        this.metrics = metrics;
        this.next = next;
    }

    /** @param next adds the handlers that serve the client, once it is known */
    static void await(Channel channel, Duration limit, HttpMetrics metrics, Consumer<Channel> next) {
        channel.pipeline().addLast(new HAProxyMessageDecoder()).addLast(new ProxyProtocolHandler(limit, metrics, next));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        timer = ctx.executor().schedule(() -> timedOut(ctx.channel()), limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void timedOut(Channel channel) {
        metrics.connectionsTimedOut.increment();
        ConnectionClose.now(channel);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HAProxyMessage header) throws UnknownHostException {
        byte[] source = header.sourceAddress() == null
                ? null
                : NetUtil.createByteArrayFromIpAddressString(header.sourceAddress());
        // Without an address it is a health check of the proxy itself (LOCAL), UNKNOWN, or a client of the proxy's Unix
        // socket.
        boolean hasClient = header.command() == HAProxyCommand.PROXY && source != null;
        Peers.setProxiedClient(ctx.channel(), hasClient ? InetAddress.getByAddress(source) : null);
        next.accept(ctx.channel());
        ctx.pipeline().remove(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.atWarn()
                .addKeyValue("proxy", ctx.channel().remoteAddress())
                .addKeyValue("detail", String.valueOf(cause.getMessage()))
                .log("no PROXY header from a trusted proxy");
        ConnectionClose.now(ctx.channel());
    }
}
