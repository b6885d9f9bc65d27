package io.jenkins.plugins.cvmfs.notify.proxy.frontend;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Resume;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.SubscribeResult;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.WireFormat;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The event stream of browsers and command lines, subscribed to by {@code repository} parameters: events have ids, silence is
 * broken by comments, the end is clean.
 */
final class CommentedEventStream extends SubscriberConnection {

    /** To HEAD. */
    static final Answer HEAD_ONLY =
            new Answer(HttpResponseStatus.OK, "Cache-Control: no-cache\r\n", "text/event-stream", "");

    /** After a lost connection a browser tries again this soon, in milliseconds. */
    private static final String RETRY = "retry: 1000\n\n";

    private static final String COMMENT = ":\n\n";

    private final boolean chunked;
    private final Future<?> comments;
    private int writtenBefore;

    private CommentedEventStream(Channel channel, Subscriptions subscriptions, boolean chunked) {
        super(channel, subscriptions, chunked ? WireFormat.EVENT : WireFormat.UNCHUNKED_EVENT);
        this.chunked = chunked;
        long interval = subscriptions.limits().pingInterval().toNanos();
        this.comments = channel.eventLoop()
                .scheduleWithFixedDelay(this::breakSilence, interval, interval, TimeUnit.NANOSECONDS);
    }

    static void open(
            Channel channel,
            Subscriptions subscriptions,
            RequestHead head,
            List<RepositoryName> repositories,
            Resume resume) {
        CommentedEventStream stream = new CommentedEventStream(channel, subscriptions, !head.isHttp10());
        channel.pipeline().addLast(stream);
        var unused = stream.write(EventStreamHead.of(head));
        stream.say(RETRY);
        for (RepositoryName repository : repositories) {
            if (subscriptions.subscribe(stream.subscriber(), repository, resume) != SubscribeResult.SUBSCRIBED) {
                stream.reset();
            }
        }
    }

    private void say(String text) {
        String framed = chunked ? Integer.toHexString(text.length()) + "\r\n" + text + "\r\n" : text;
        var unused = write(framed.getBytes(US_ASCII));
    }

    private void breakSilence() {
        if (subscriber().written() == writtenBefore && channel().isWritable()) {
            say(COMMENT);
        }
        writtenBefore = subscriber().written();
    }

    @Override
    FrontEndMetrics.Kind kind() {
        return FrontEndMetrics.Kind.EVENTS_BY_QUERY;
    }

    @Override
    void sayFarewell() {
        LingeringClose.after(write((chunked ? "0\r\n\r\n" : "").getBytes(US_ASCII)));
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        comments.cancel(false);
        super.handlerRemoved(ctx);
    }
}
