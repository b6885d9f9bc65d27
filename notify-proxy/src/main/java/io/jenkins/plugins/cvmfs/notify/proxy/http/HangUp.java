package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslHandler;

/** Ends of a connection that wait for nobody. On its event loop. */
final class HangUp {

    private HangUp() {}

    /** Closes the socket, past TLS, which would first say that the end is a good one. */
    static void now(Channel channel) {
        ChannelHandlerContext tls = channel.pipeline().context(SslHandler.class);
        var unused = tls == null ? channel.close() : tls.close();
    }

    /** Writes and flushes; resets the connection if there is no memory for that. */
    static ChannelFuture unlessWritten(Channel channel, byte[] bytes) {
        try {
            return channel.writeAndFlush(
                    channel.alloc().directBuffer(bytes.length).writeBytes(bytes));
        } catch (OutOfMemoryError e) {
            withReset(channel);
            return channel.newFailedFuture(e);
        }
    }

    /** Closes with RST: at once, and visibly not the end of what there is to say. */
    static void withReset(Channel channel) {
        if (channel.isOpen()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            now(channel);
        }
    }
}
