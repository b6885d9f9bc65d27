package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One watcher of a {@link StatusStream}. Lives on its event loop; what it is told may come from any thread. */
final class StatusStreamConnection extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(StatusStreamConnection.class);

    private final Channel channel;
    private final EventText text;
    private final Watchers watchers;
    private final Duration longestSilence;
    private final Duration stalledTimeout;
    private volatile boolean behind;
    private volatile boolean closed;
    private long lastSaidNanos;
    private @Nullable Future<?> stalled;

    private StatusStreamConnection(Channel channel, EventText text, Watchers watchers) {
        this.channel = channel;
        this.text = text;
        this.watchers = watchers;
        this.longestSilence = watchers.limits().pingInterval();
        this.stalledTimeout = watchers.limits().stalledTimeout();
    }

    static void open(Channel channel, RequestHead head, Watchers watchers) {
        StatusStreamConnection connection = new StatusStreamConnection(channel, EventText.of(head), watchers);
        var unused = connection.write(EventStreamHead.of(head));
        connection.say(EventText.RETRY);
        channel.pipeline().addLast(connection);
        watchers.join(connection);
    }

    /** Whether it has left, perhaps before it joined. */
    boolean isClosed() {
        return closed;
    }

    /** Whether it has missed something and could be told the whole now. */
    boolean wantsWhole() {
        return behind && channel.isWritable();
    }

    /** Sends an event that stands for everything before it; later, if there is no memory for it now. */
    void whole(String data) {
        behind = false;
        onLoop(() -> {
            byte[] event = text.framed("event: whole\ndata: " + data + "\n\n");
            if (watchers.answers().take(event.length)) {
                lastSaidNanos = nowNanos();
                write(event).addListener(done -> watchers.answers().giveBack(event.length));
            } else {
                behind = true;
            }
        });
    }

    /** Sends an event, unless the watcher has not read the last ones yet. */
    void changes(String data) {
        onLoop(() -> {
            behind |= !channel.isWritable();
            if (!behind) {
                say("event: changes\ndata: " + data + "\n\n");
            }
        });
    }

    /** Breaks the silence if it has become too long. */
    void nothing() {
        onLoop(() -> {
            if (nowNanos() - lastSaidNanos > longestSilence.toNanos() && channel.isWritable()) {
                say(EventText.COMMENT);
            }
        });
    }

    private void onLoop(Runnable task) {
        if (!channel.eventLoop().isShuttingDown()) {
            channel.eventLoop().execute(task);
        }
    }

    private void say(String words) {
        lastSaidNanos = nowNanos();
        var unused = write(text.framed(words));
    }

    private long nowNanos() {
        return channel.eventLoop().ticker().nanoTime();
    }

    private ChannelFuture write(byte[] bytes) {
        return HangUp.unlessWritten(channel, bytes);
    }

    /** Closes with RST: visibly not the end of what there is to say. */
    void reset() {
        onLoop(() -> {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            var unused = channel.close();
        });
    }

    /** A watcher has nothing to say. */
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ReferenceCountUtil.release(message);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (stalled != null) {
            stalled.cancel(false);
            stalled = null;
        }
        if (!channel.isWritable()) {
            stalled = channel.eventLoop().schedule(this::reset, stalledTimeout.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof Farewell) {
            LingeringClose.after(write(text.end()));
        } else if (event instanceof SslCloseCompletionEvent end && end.isSuccess()) {
            HangUp.now(channel);
        }
    }

    /** Also called when the channel has closed. */
    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        closed = true;
        watchers.leave(this);
        if (stalled != null) {
            stalled.cancel(false);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.atDebug().setCause(cause).log("watcher's connection failed");
        var unused = channel.close();
    }
}
