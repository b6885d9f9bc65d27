package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.MessageFormatException;
import io.jenkins.plugins.cvmfs.notify.client.message.ServerReply;
import io.jenkins.plugins.cvmfs.notify.client.message.SubscribeMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.Denied;
import io.jenkins.plugins.cvmfs.notify.proxy.access.SubscriberRights;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.ByteBudget;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.ResumePoint;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.SubscribeResult;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.WireFormat;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The WebSocket of generation 1: each message subscribes to one more repository; announcements and refusals come back as binary
 * frames. The server pings when it has been silent, and closes when nothing at all came or went for the idle time. While the client
 * does not read, nothing is read from it either, so that its pings cannot pile up answers.
 */
final class WebSocketConnection extends SubscriberConnection {

    /** A subscription is no longer than what every body is given. */
    private static final ByteBudget NO_BUDGET = new ByteBudget(0);

    private static final WebSocketDecoderConfig FRAMES = WebSocketDecoderConfig.newBuilder()
            .expectMaskedFrames(true)
            .allowExtensions(false)
            .maxFramePayloadLength(SubscribeMessage.MAX_BYTES)
            .closeOnProtocolViolation(false)
            .build();
    private static final byte[] NOTHING = {};
    private static final long NO_MESSAGE = Long.MIN_VALUE;

    private final SubscriberRights rights;
    private final ResumePoint resume;
    private final Future<?> heartbeat;
    private @Nullable RequestBody partialMessage;
    private boolean heard;
    private long messageBeganNanos = NO_MESSAGE;
    private int writtenBefore;
    private long lastTrafficNanos;

    private WebSocketConnection(
            Channel channel, Subscriptions subscriptions, SubscriberRights rights, ResumePoint resume) {
        super(channel, subscriptions, WireFormat.WEB_SOCKET);
        this.rights = rights;
        this.resume = resume;
        this.lastTrafficNanos = nowNanos();
        long interval = subscriptions.limits().pingInterval().toNanos();
        this.heartbeat =
                channel.eventLoop().scheduleWithFixedDelay(this::beat, interval, interval, TimeUnit.NANOSECONDS);
    }

    /** @param repositories what the request's query already subscribes to */
    static void open(
            Channel channel,
            Subscriptions subscriptions,
            SubscriberRights rights,
            RequestHead head,
            ResumePoint resume,
            List<RepositoryName> repositories) {
        WebSocketConnection connection = new WebSocketConnection(channel, subscriptions, rights, resume);
        channel.pipeline()
                .addLast(new FrameDecoder(FRAMES, connection::bytesCame))
                .addLast(connection);
        var unused = connection.write(WebSocketHandshake.answer(head));
        repositories.forEach(connection::subscribe);
    }

    private void bytesCame() {
        if (messageBeganNanos == NO_MESSAGE) {
            messageBeganNanos = nowNanos();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        heard = true;
        WebSocketFrame frame = (WebSocketFrame) message;
        try {
            receive(frame);
        } finally {
            frame.release();
        }
        if (partialMessage == null) {
            messageBeganNanos = NO_MESSAGE;
        }
    }

    private void receive(WebSocketFrame frame) {
        if (frame instanceof PingWebSocketFrame) {
            var unused = write(ShortFrame.of(ShortFrame.PONG, ByteBufUtil.getBytes(frame.content())));
        } else if (frame instanceof CloseWebSocketFrame) {
            LingeringClose.after(write(ShortFrame.of(ShortFrame.CLOSE, ByteBufUtil.getBytes(frame.content()))));
        } else if (!(frame instanceof PongWebSocketFrame)) {
            collect(frame);
        }
    }

    private void collect(WebSocketFrame frame) {
        RequestBody message =
                partialMessage == null ? new RequestBody(SubscribeMessage.MAX_BYTES, NO_BUDGET) : partialMessage;
        if (message.add(frame.content()) != RequestBody.Addition.TAKEN) {
            fail(WebSocketCloseStatus.MESSAGE_TOO_BIG, "message_too_big");
        } else if (frame.isFinalFragment()) {
            partialMessage = null;
            subscribe(message.toBytes());
        } else {
            partialMessage = message;
        }
    }

    private void subscribe(byte[] message) {
        try {
            subscribe(subscriptions().reader().repository(message));
        } catch (MessageFormatException e) {
            subscriptions().metrics().subscriptionRefused("invalid");
            reply(
                    e.fault() == MessageFormatException.Fault.NOT_JSON
                            ? ServerReply.NOT_JSON
                            : ServerReply.INVALID_SUBSCRIPTION);
        }
    }

    private void subscribe(RepositoryName repository) {
        if (rights.check(repository) instanceof Denied denied) {
            subscriptions().denied(denied);
            reply(Subscriptions.refusal(denied, repository));
            return;
        }
        SubscribeResult result = subscriptions().subscribe(subscriber(), repository, resume, rights);
        if (result != SubscribeResult.SUBSCRIBED) {
            reply(Subscriptions.refusal(result, repository));
        }
    }

    private void reply(String json) {
        var unused = write(ShortFrame.of(ShortFrame.BINARY, json.getBytes(UTF_8)));
    }

    private void beat() {
        boolean traffic = heard || subscriber().written() != writtenBefore;
        heard = false;
        writtenBefore = subscriber().written();
        if (messageBeganNanos != NO_MESSAGE
                && nowNanos() - messageBeganNanos
                        >= subscriptions().limits().requestTimeout().toNanos()) {
            fail(WebSocketCloseStatus.POLICY_VIOLATION, "slow_message");
        } else if (traffic) {
            lastTrafficNanos = nowNanos();
        } else if (nowNanos() - lastTrafficNanos
                >= subscriptions().limits().idleTimeout().toNanos()) {
            subscriptions().metrics().cutOff("idle");
            closeWith(WebSocketCloseStatus.ENDPOINT_UNAVAILABLE);
        } else if (channel().isWritable()) {
            var unused = write(ShortFrame.of(ShortFrame.PING, NOTHING));
        }
    }

    private long nowNanos() {
        return channel().eventLoop().ticker().nanoTime();
    }

    private void fail(WebSocketCloseStatus status, String reason) {
        subscriptions().metrics().cutOff(reason);
        closeWith(status);
    }

    private void closeWith(WebSocketCloseStatus status) {
        LingeringClose.after(write(ShortFrame.close(status)));
    }

    @Override
    HttpMetrics.Kind kind() {
        return HttpMetrics.Kind.WEB_SOCKET;
    }

    @Override
    void sayFarewell() {
        closeWith(WebSocketCloseStatus.ENDPOINT_UNAVAILABLE);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        channel().config().setAutoRead(channel().isWritable());
        super.channelWritabilityChanged(ctx);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof CorruptedWebSocketFrameException violation) {
            boolean tooBig = violation.closeStatus().equals(WebSocketCloseStatus.MESSAGE_TOO_BIG);
            fail(violation.closeStatus(), tooBig ? "message_too_big" : "protocol_error");
        } else {
            super.exceptionCaught(ctx, cause);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        heartbeat.cancel(false);
        super.handlerRemoved(ctx);
    }
}
