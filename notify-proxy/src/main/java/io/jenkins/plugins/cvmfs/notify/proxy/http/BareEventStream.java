package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.access.SubscriberRights;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.ResumePoint;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.SubscribeResult;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.WireFormat;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;

/**
 * The event stream of the C++ clients, subscribed to by a JSON body. Their parser allows nothing but events; their liveness is
 * watched by TCP alone. A clean end would make them stop for good, so the end is always a reset.
 */
final class BareEventStream extends SubscriberConnection {

    private BareEventStream(Channel channel, Subscriptions subscriptions, WireFormat format) {
        super(channel, subscriptions, format);
    }

    static void open(
            Channel channel,
            Subscriptions subscriptions,
            SubscriberRights rights,
            RequestHead head,
            RepositoryName repository,
            ResumePoint resume) {
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
        WireFormat format = head.isHttp10() ? WireFormat.UNCHUNKED_BARE_EVENT : WireFormat.BARE_EVENT;
        BareEventStream stream = new BareEventStream(channel, subscriptions, format);
        channel.pipeline().addLast(stream);
        var unused = stream.write(EventStreamHead.of(head));
        if (subscriptions.subscribe(stream.subscriber(), repository, resume, rights) != SubscribeResult.SUBSCRIBED) {
            stream.reset();
        }
    }

    @Override
    HttpMetrics.Kind kind() {
        return HttpMetrics.Kind.EVENTS_BY_BODY;
    }

    @Override
    void sayFarewell() {
        // After what is still unsent.
        channel().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(flushed -> reset());
    }
}
