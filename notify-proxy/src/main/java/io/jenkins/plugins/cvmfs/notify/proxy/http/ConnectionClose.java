package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The ways to close a connection. All on its event loop. */
public final class ConnectionClose {

    static final int LINGER_SECONDS = 2;

    private ConnectionClose() {}

    /** Closes the socket without a TLS {@code close_notify}, which would mark the end as clean. */
    public static void now(Channel channel) {
        ChannelHandlerContext tls = channel.pipeline().context(SslHandler.class);
        var unused = tls == null ? channel.close() : tls.close();
    }

    /** Closes with RST: at once, and visibly not a clean end. */
    public static void reset(Channel channel) {
        if (channel.isOpen()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            now(channel);
        }
    }

    /**
     * Closes so that the client can read the last bytes. Closing a socket with unread input resets the connection, and the client may lose
     * the response; so only the output is closed, and input is discarded until the client closes too, for at most {@value
     * #LINGER_SECONDS} seconds. Replaces all handlers of the connection except TLS.
     *
     * @param lastWrite the write of the last bytes
     */
    public static void lingering(ChannelFuture lastWrite) {
        ChannelPipeline pipeline = lastWrite.channel().pipeline();
        List<ChannelHandler> others = new ArrayList<>(pipeline.toMap().values());
        others.removeIf(SslHandler.class::isInstance);
        pipeline.addLast(new Linger());
        // From the end: a decoder that is removed passes the bytes it has not decoded to its successor.
        Collections.reverse(others);
        others.forEach(pipeline::remove);
        lastWrite.channel().config().setAutoRead(true);
        lastWrite.addListener(written -> closeOutput((ChannelFuture) written));
    }

    private static void closeOutput(ChannelFuture written) {
        Channel channel = written.channel();
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (!written.isSuccess()) {
            now(channel);
        } else if (tls != null) {
            // Input after our close_notify is not decrypted; it is discarded anyway.
            tls.closeOutbound()
                    .addListener(sent -> channel.eventLoop().execute(() -> {
                        if (channel.pipeline().context(tls) != null) {
                            channel.pipeline().remove(tls);
                        }
                        closeOutput(channel);
                    }));
        } else {
            closeOutput(channel);
        }
    }

    private static void closeOutput(Channel channel) {
        if (channel instanceof DuplexChannel socket && !socket.isInputShutdown()) {
            var unused = socket.shutdownOutput();
        } else {
            now(channel);
        }
    }

    /** Discards input until the client closes, or the time limit passes. */
    private static final class Linger extends ChannelInboundHandlerAdapter {

        private @Nullable Future<?> limit;

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            limit = ctx.executor().schedule(() -> now(ctx.channel()), LINGER_SECONDS, TimeUnit.SECONDS);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object unread) {
            ReferenceCountUtil.release(unread);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                now(ctx.channel());
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (limit != null) {
                limit.cancel(false);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            now(ctx.channel());
        }
    }
}
