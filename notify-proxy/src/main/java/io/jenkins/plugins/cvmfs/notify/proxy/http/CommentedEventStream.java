package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.access.SubscriberRights;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.ResumePoint;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.SubscribeResult;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.WireFormat;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The event stream of browsers and command lines, subscribed to by {@code repository} parameters: events have ids, silence is
 * broken by comments, the end is clean.
 */
final class CommentedEventStream extends SubscriberConnection {

    private final EventText text;
    private final Future<?> comments;
    private int writtenBefore;

    private CommentedEventStream(Channel channel, Subscriptions subscriptions, EventText text) {
        super(channel, subscriptions, text == EventText.CHUNKED ? WireFormat.EVENT : WireFormat.UNCHUNKED_EVENT);
        this.text = text;
        long interval = subscriptions.limits().pingInterval().toNanos();
        this.comments = channel.eventLoop()
                .scheduleWithFixedDelay(this::breakSilence, interval, interval, TimeUnit.NANOSECONDS);
    }

    static void open(
            Channel channel,
            Subscriptions subscriptions,
            SubscriberRights rights,
            RequestHead head,
            List<RepositoryName> repositories,
            ResumePoint resume) {
        CommentedEventStream stream = new CommentedEventStream(channel, subscriptions, EventText.of(head));
        channel.pipeline().addLast(stream);
        var unused = stream.write(EventStreamHead.of(head));
        stream.say(EventText.RETRY);
        for (RepositoryName repository : repositories) {
            if (subscriptions.subscribe(stream.subscriber(), repository, resume, rights)
                    != SubscribeResult.SUBSCRIBED) {
                stream.reset();
            }
        }
    }

    private void say(String words) {
        var unused = write(text.framed(words));
    }

    private void breakSilence() {
        if (subscriber().written() == writtenBefore && channel().isWritable()) {
            say(EventText.COMMENT);
        }
        writtenBefore = subscriber().written();
    }

    @Override
    HttpMetrics.Kind kind() {
        return HttpMetrics.Kind.EVENTS_BY_QUERY;
    }

    @Override
    void sayFarewell() {
        LingeringClose.after(write(text.end()));
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        comments.cancel(false);
        super.handlerRemoved(ctx);
    }
}
