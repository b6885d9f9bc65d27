package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A subscriber on an event loop of its own that the test turns by hand; what it is sent is read back as repository and revision. */
public final class TestSubscriber {

    private final Valve valve = new Valve();
    private final EmbeddedChannel channel = new EmbeddedChannel(valve);
    private final Subscriber subscriber;
    final List<Object> events = new ArrayList<>();

    TestSubscriber(FanOut fanOut) {
        this(fanOut, DeliveryTerms.plain(WireFormat.UNCHUNKED_BARE_EVENT));
    }

    TestSubscriber(FanOut fanOut, DeliveryTerms terms) {
        channel.freezeTime();
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(500, 1000));
        subscriber = fanOut.subscriber(channel, terms);
        channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelWritabilityChanged(ChannelHandlerContext ctx) {
                subscriber.writabilityChanged();
            }

            @Override
            public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                events.add(event);
            }
        });
    }

    /** One that is told when an announcement is released. */
    public static TestSubscriber plain(FanOut fanOut) {
        return new TestSubscriber(fanOut);
    }

    /** One that is told also while an announcement is held. */
    public static TestSubscriber withoutWaiting(FanOut fanOut) {
        return new TestSubscriber(
                fanOut, DeliveryTerms.plain(WireFormat.UNCHUNKED_BARE_EVENT).early(true));
    }

    SubscribeResult subscribe(String repository) {
        return subscribe(repository, ResumePoint.FROM_LAST_VALUE);
    }

    public SubscribeResult subscribe(String repository, ResumePoint resume) {
        return subscriber.subscribe(new RepositoryName(repository), resume, 3, NameHolder.WITH_CREDENTIALS);
    }

    SubscribeResult subscribeAnonymously(String repository, InetAddress address) {
        return subscriber.subscribe(
                new RepositoryName(repository), ResumePoint.FROM_LAST_VALUE, 1_000, new NameHolder(address));
    }

    void close() {
        subscriber.close();
    }

    void stopReading() {
        valve.shut();
    }

    void readAgain() {
        valve.open(channel.pipeline().context(valve));
    }

    /** Closes its connection, with whatever was not read. */
    public void disconnect() {
        readAgain();
        channel.finishAndReleaseAll();
    }

    /** One turn of the event loop. */
    public void turn() {
        channel.runPendingTasks();
    }

    void letTimePass(Duration time) {
        channel.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
        channel.runPendingTasks();
    }

    int written() {
        return subscriber.written();
    }

    /** What has left since the last call, each as {@code NAME REVISION}. */
    public List<String> received() {
        return received(channel);
    }

    static List<String> received(EmbeddedChannel channel) {
        List<String> all = new ArrayList<>();
        for (ByteBuf event = channel.readOutbound(); event != null; event = channel.readOutbound()) {
            String text = event.toString(UTF_8);
            event.release();
            ActivityMessage message = ActivityMessage.parse(
                    text.substring("data: ".length()).strip().getBytes(UTF_8));
            all.add(message.repository() + " " + message.revision());
        }
        return all;
    }
}
