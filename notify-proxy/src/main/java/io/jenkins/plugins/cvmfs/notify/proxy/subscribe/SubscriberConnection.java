package io.jenkins.plugins.cvmfs.notify.proxy.subscribe;

import io.jenkins.plugins.cvmfs.notify.proxy.fanout.DeliveryTerms;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Subscriber;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.SubscriberEvent;
import io.jenkins.plugins.cvmfs.notify.proxy.http.ConnectionClose;
import io.jenkins.plugins.cvmfs.notify.proxy.http.HttpServer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection after its subscribe request, of any kind: connects the {@link Subscriber} with the events of the socket. All on the
 * connection's event loop; the fan-out writes announcements to the socket directly.
 */
abstract class SubscriberConnection extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(SubscriberConnection.class);

    final Channel channel;
    final Subscriptions subscriptions;
    final Subscriber subscriber;
    private final Subscriptions.Kind kind;

    SubscriberConnection(Channel channel, Subscriptions subscriptions, Subscriptions.Kind kind, DeliveryTerms terms) {
        this.channel = channel;
        this.subscriptions = subscriptions;
        this.kind = kind;
        this.subscriber = subscriptions.subscriber(channel, terms);
    }

    /** Ends the connection as its protocol ends: the server closes, and everything is written. */
    abstract void shutDown();

    /** Writes and flushes; resets the connection if there is no memory for that. */
    final ChannelFuture write(byte[] bytes) {
        try {
            return channel.writeAndFlush(
                    channel.alloc().directBuffer(bytes.length).writeBytes(bytes));
        } catch (OutOfMemoryError e) {
            ConnectionClose.reset(channel);
            return channel.newFailedFuture(e);
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        subscriptions.count(kind, 1);
    }

    /** Also called after the channel has closed. */
    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        subscriber.close();
        subscriptions.count(kind, -1);
    }

    /** Input of an event stream's client means nothing. */
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
            subscriptions.cutOff("stalled");
            ConnectionClose.reset(channel);
        } else if (event == SubscriberEvent.NO_ROOM_TO_WAIT) {
            subscriptions.cutOff("backlog_memory");
            ConnectionClose.reset(channel);
        } else if (event instanceof HttpServer.Shutdown) {
            subscriber.sendRest();
            shutDown();
        } else if (event instanceof SslCloseCompletionEvent end && end.isSuccess()) {
            ConnectionClose.now(channel);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.atDebug().setCause(cause).log("subscriber's connection fails");
        ConnectionClose.now(channel);
    }
}
