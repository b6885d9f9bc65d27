package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import io.jenkins.plugins.cvmfs.notify.proxy.netty.IoUringBatch;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandler;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The way of whole frames to one subscriber. Where nothing stands between the channel and its socket (the socket is Unix's, no
 * handler looks at what is written, nothing waits to be sent) a frame goes straight to the socket: one system call, or one for all
 * of a batch, no reference counted, no entry in the channel's buffer. What the socket does not take, and everything where it is otherwise,
 * such as over TLS, takes the channel's way, so that order, back-pressure and the end of a broken connection are the channel's.
 *
 * <p>Used on the channel's event loop only. No handler for what is written may be added to the pipeline later.
 */
final class SocketWriter implements IoUringBatch.Recipient {

    private final Channel channel;
    private final @Nullable Socket socket;

    SocketWriter(Channel channel) {
        this.channel = channel;
        this.socket =
                channel instanceof UnixChannel unix && unix.fd() instanceof Socket own && isBare(channel) ? own : null;
    }

    private static boolean isBare(Channel channel) {
        for (Map.Entry<String, ChannelHandler> handler : channel.pipeline()) {
            if (handler.getValue() instanceof ChannelOutboundHandler) {
                return false;
            }
        }
        return true;
    }

    /** Writes a frame that the caller keeps and may write to others. A write that fails closes the channel. */
    void write(ByteBuf frame) {
        Socket direct = directly(frame);
        int sent = direct == null ? 0 : sendNow(direct, frame);
        if (sent < frame.readableBytes()) {
            leftOver(frame.retainedSlice(frame.readerIndex() + sent, frame.readableBytes() - sent));
        }
    }

    /** The same together with others: at the latest when the batch is sent, and the frame must stay until then. */
    void write(ByteBuf frame, IoUringBatch batch) {
        Socket direct = directly(frame);
        if (direct != null && batch.isOpen()) {
            batch.add(direct, frame, this);
        } else {
            write(frame);
        }
    }

    @Override
    public void leftOver(ByteBuf rest) {
        var unused = channel.writeAndFlush(rest, channel.voidPromise());
    }

    @Override
    public void lost() {
        var unused = channel.close();
    }

    /** The socket, if it may be asked to take the frame; null if the frame must go the channel's way. */
    private @Nullable Socket directly(ByteBuf frame) {
        // Null once the channel closes, and before its descriptor does: that may be another connection's by now.
        ChannelOutboundBuffer unsent = channel.unsafe().outboundBuffer();
        return unsent != null && unsent.isEmpty() && frame.hasMemoryAddress() ? socket : null;
    }

    /** Returns the number of bytes the socket took. */
    private static int sendNow(Socket direct, ByteBuf frame) {
        try {
            return direct.sendAddress(frame.memoryAddress(), frame.readerIndex(), frame.writerIndex());
        } catch (IOException e) {
            // The channel's own attempt fails too, and ends the connection as it should.
            return 0;
        }
    }
}
