package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
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

/**
 * The end of a connection whose last words shall be read. Closing a socket with unread input resets the connection, and the other
 * side may lose the answer; so only our half is closed, and input is thrown away until the other side closes too, for {@value
 * #SECONDS} seconds at most.
 */
final class LingeringClose extends ChannelInboundHandlerAdapter {

    static final int SECONDS = 2;

    private @Nullable Future<?> limit;

    private LingeringClose() {}

    /** Takes the place of all handlers of the connection but TLS. On its event loop. */
    static void after(ChannelFuture lastWords) {
        ChannelPipeline pipeline = lastWords.channel().pipeline();
        List<ChannelHandler> others = new ArrayList<>(pipeline.toMap().values());
        others.removeIf(SslHandler.class::isInstance);
        pipeline.addLast(new LingeringClose());
        // Backwards: a decoder that goes hands what it has not decoded to its successor.
        Collections.reverse(others);
        others.forEach(pipeline::remove);
        lastWords.channel().config().setAutoRead(true);
        lastWords.addListener(written -> closeOutput((ChannelFuture) written));
    }

    private static void closeOutput(ChannelFuture written) {
        Channel channel = written.channel();
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (!written.isSuccess()) {
            close(channel);
        } else if (tls != null) {
            // What comes after our close_notify is not decrypted any more: it is thrown away anyway.
            tls.closeOutbound()
                    .addListener(said -> channel.eventLoop().execute(() -> {
                        removeIfPresent(channel.pipeline(), tls);
                        closeOutput(channel);
                    }));
        } else {
            closeOutput(channel);
        }
    }

    private static void removeIfPresent(ChannelPipeline pipeline, ChannelHandler handler) {
        if (pipeline.context(handler) != null) {
            pipeline.remove(handler);
        }
    }

    private static void closeOutput(Channel channel) {
        if (channel instanceof DuplexChannel socket && !socket.isInputShutdown()) {
            var unused = socket.shutdownOutput();
        } else {
            close(channel);
        }
    }

    private static void close(Channel channel) {
        HangUp.now(channel);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        limit = ctx.executor().schedule(() -> close(ctx.channel()), SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object unread) {
        ReferenceCountUtil.release(unread);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            close(ctx.channel());
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
        close(ctx.channel());
    }
}
