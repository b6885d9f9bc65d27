package io.jenkins.plugins.cvmfs.notify.proxy.subscribe;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.access.AccessRules.SubscriberRights;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.DeliveryTerms;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.ResumePoint;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.SubscribeResult;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.WireFormat;
import io.jenkins.plugins.cvmfs.notify.proxy.http.ConnectionClose;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Request;
import io.jenkins.plugins.cvmfs.notify.proxy.subscribe.Subscriptions.Kind;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A subscriber by server-sent events, of one of two kinds. Browsers and command lines subscribe by {@code repository} parameters: events
 * have ids, comments break the silence, the end is clean. The C++ clients subscribe by a JSON body: their parser accepts nothing but
 * events, so only TCP detects a dead connection; a clean end would make them stop for good, so the end is always a reset.
 */
final class EventStreamSubscriber extends SubscriberConnection {

    /** After a lost connection a browser waits this long, in milliseconds. */
    private static final String RETRY = "retry: 1000\n\n";

    private static final String COMMENT = ":\n\n";

    private final boolean chunked;
    private final @Nullable Future<?> comments;
    private int lastWritten;

    private EventStreamSubscriber(
            Channel channel, Subscriptions subscriptions, Kind kind, boolean chunked, DeliveryTerms terms) {
        super(channel, subscriptions, kind, terms);
        this.chunked = chunked;
        long interval = subscriptions.limits().pingInterval().toNanos();
        this.comments = kind == Kind.EVENTS_BY_BODY
                ? null
                : channel.eventLoop()
                        .scheduleWithFixedDelay(this::breakSilence, interval, interval, TimeUnit.NANOSECONDS);
    }

    /** Opens the stream: of a C++ client if the request has a body, else of a browser or a command line. */
    static void open(
            Channel channel,
            Subscriptions subscriptions,
            SubscriberRights rights,
            Request request,
            List<RepositoryName> repositories,
            ResumePoint resume) {
        boolean chunked = !request.isHttp10();
        boolean early = SubscribeRoute.isEarly(request);
        EventStreamSubscriber stream;
        if (request.body().length > 0) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            WireFormat format = chunked ? WireFormat.BARE_EVENT : WireFormat.UNCHUNKED_BARE_EVENT;
            DeliveryTerms terms = new DeliveryTerms(format, rights.network(), true, early);
            stream = new EventStreamSubscriber(channel, subscriptions, Kind.EVENTS_BY_BODY, chunked, terms);
            stream.begin(request);
        } else {
            WireFormat format = chunked ? WireFormat.EVENT : WireFormat.UNCHUNKED_EVENT;
            DeliveryTerms terms = DeliveryTerms.plain(format).early(early);
            stream = new EventStreamSubscriber(channel, subscriptions, Kind.EVENTS_BY_QUERY, chunked, terms);
            stream.begin(request);
            stream.send(RETRY);
        }
        repositories.forEach(repository -> stream.subscribe(repository, resume, rights));
    }

    private void begin(Request request) {
        channel.pipeline().addLast(this);
        String framing = chunked ? "Transfer-Encoding: chunked\r\n" : "Connection: close\r\n";
        var unused = write(("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
                        + framing + request.responseLines() + "\r\n")
                .getBytes(US_ASCII));
    }

    private void subscribe(RepositoryName repository, ResumePoint resume, SubscriberRights rights) {
        if (subscriptions.subscribe(subscriber, repository, resume, rights) != SubscribeResult.SUBSCRIBED) {
            ConnectionClose.reset(channel);
        }
    }

    private void send(String text) {
        String framed = chunked ? Integer.toHexString(text.length()) + "\r\n" + text + "\r\n" : text;
        var unused = write(framed.getBytes(US_ASCII));
    }

    private void breakSilence() {
        if (subscriber.written() == lastWritten && channel.isWritable()) {
            send(COMMENT);
        }
        lastWritten = subscriber.written();
    }

    @Override
    void shutDown() {
        if (comments == null) {
            // After everything that is still unsent.
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(flushed -> ConnectionClose.reset(channel));
        } else {
            ConnectionClose.lingering(write((chunked ? "0\r\n\r\n" : "").getBytes(US_ASCII)));
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (comments != null) {
            comments.cancel(false);
        }
        super.handlerRemoved(ctx);
    }
}
