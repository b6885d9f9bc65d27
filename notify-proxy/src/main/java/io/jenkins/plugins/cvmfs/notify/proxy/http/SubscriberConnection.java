package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Subscriber;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.SubscriberEvent;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.WireFormat;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection after its subscribe request, of any kind: ties the {@link Subscriber} to what happens on the socket. All on the
 * connection's event loop; announcements are written past it, by the fan-out.
 */
abstract class SubscriberConnection extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(SubscriberConnection.class);

    private final Channel channel;
    private final Subscriptions subscriptions;
    private final Subscriber subscriber;

    SubscriberConnection(Channel channel, Subscriptions subscriptions, WireFormat format) {
        this.channel = channel;
        this.subscriptions = subscriptions;
        this.subscriber = subscriptions.subscriber(channel, format);
    }

    abstract HttpMetrics.Kind kind();

    /** The proxy shuts down, and everything is sent: ends the connection as its kind wants it. */
    abstract void sayFarewell();

    final Channel channel() {
        return channel;
    }

    final Subscriptions subscriptions() {
        return subscriptions;
    }

    final Subscriber subscriber() {
        return subscriber;
    }

    /** Without memory for it, the connection ends. */
    final ChannelFuture write(byte[] bytes) {
        return HangUp.unlessWritten(channel, bytes);
    }

    /** Closes with RST: at once, and visibly not the end of what there is to say. */
    final void reset() {
        HangUp.withReset(channel);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        subscriptions.metrics().subscribers(kind(), 1);
    }

    /** Also called when the channel has closed. */
    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        subscriber.close();
        subscriptions.metrics().subscribers(kind(), -1);
    }

    /** A client of an event stream has nothing to say. */
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ReferenceCountUtil.release(message);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        subscriber.writabilityChanged();
    }

    @Override
    public final void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == SubscriberEvent.STALLED) {
            subscriptions.metrics().cutOff("stalled");
            reset();
        } else if (event == SubscriberEvent.NO_ROOM_TO_WAIT) {
            subscriptions.metrics().cutOff("backlog_memory");
            reset();
        } else if (event instanceof Farewell) {
            subscriber.sendRest();
            sayFarewell();
        } else if (event instanceof SslCloseCompletionEvent end && end.isSuccess()) {
            HangUp.now(channel);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.atDebug().setCause(cause).log("subscriber's connection failed");
        HangUp.now(channel);
    }
}
