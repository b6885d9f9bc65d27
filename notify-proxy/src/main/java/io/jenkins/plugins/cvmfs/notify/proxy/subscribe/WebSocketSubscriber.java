package io.jenkins.plugins.cvmfs.notify.proxy.subscribe;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.MessageFormatException;
import io.jenkins.plugins.cvmfs.notify.client.message.ServerReply;
import io.jenkins.plugins.cvmfs.notify.client.message.SubscribeMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.access.AccessRules.SubscriberRights;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.Denied;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.DeliveryTerms;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.ResumePoint;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.SubscribeResult;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.WireFormat;
import io.jenkins.plugins.cvmfs.notify.proxy.http.ConnectionClose;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Request;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.concurrent.Future;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A subscriber by WebSocket, generation 1: each message subscribes to one more repository; announcements and refusals are binary frames. The
 * server pings after a silence, and closes if nothing at all was received or sent for the idle timeout. While the client does not read,
 * nothing is read from it, so that its pings cannot accumulate pongs.
 */
final class WebSocketSubscriber extends SubscriberConnection {

    private static final WebSocketDecoderConfig FRAMES = WebSocketDecoderConfig.newBuilder()
            .expectMaskedFrames(true)
            .allowExtensions(false)
            .maxFramePayloadLength(SubscribeMessage.MAX_BYTES)
            .closeOnProtocolViolation(false)
            .build();
    private static final byte[] EMPTY = {};

    private static final int BINARY = 0x2;
    private static final int CLOSE = 0x8;
    private static final int PING = 0x9;
    private static final int PONG = 0xA;
    private static final int FINAL = 0x80;
    private static final int MAX_CONTROL_BYTES = 125;
    private static final int LENGTH_FOLLOWS = 126;
    private static final int MAX_FRAME_BYTES = 0xFFFF;

    private static final long NO_MESSAGE = Long.MIN_VALUE;

    private final SubscriberRights rights;
    private final ResumePoint resume;
    private final Future<?> heartbeat;

    /** The received part of a fragmented message; grows by doubling, so that the cost of a fragment is its own length. */
    private byte[] partialMessage = EMPTY;

    private int partialLength;
    private boolean inFragments;
    private boolean received;
    private long messageStartNanos = NO_MESSAGE;
    private int lastWritten;
    private long lastTrafficNanos;

    private WebSocketSubscriber(
            Channel channel,
            Subscriptions subscriptions,
            SubscriberRights rights,
            Request request,
            ResumePoint resume) {
        super(
                channel,
                subscriptions,
                Subscriptions.Kind.WEB_SOCKET,
                new DeliveryTerms(
                        WireFormat.WEB_SOCKET,
                        null,
                        WebSocketHandshake.isOfCvmfs(request),
                        SubscribeRoute.isEarly(request)));
        this.rights = rights;
        this.resume = resume;
        this.lastTrafficNanos = nowNanos();
        long interval = subscriptions.limits().pingInterval().toNanos();
        this.heartbeat =
                channel.eventLoop().scheduleWithFixedDelay(this::beat, interval, interval, TimeUnit.NANOSECONDS);
    }

    /**
     * Completes the handshake and subscribes.
     *
     * @param repositories named in the query of the request
     */
    static void open(
            Channel channel,
            Subscriptions subscriptions,
            SubscriberRights rights,
            Request request,
            ResumePoint resume,
            List<RepositoryName> repositories) {
        WebSocketSubscriber connection = new WebSocketSubscriber(channel, subscriptions, rights, request, resume);
        channel.pipeline()
                .addLast(new TimedFrameDecoder(connection::bytesArrived))
                .addLast(connection);
        var unused = connection.write(WebSocketHandshake.response(request));
        repositories.forEach(connection::subscribe);
    }

    private void bytesArrived() {
        if (messageStartNanos == NO_MESSAGE) {
            messageStartNanos = nowNanos();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        received = true;
        WebSocketFrame frame = (WebSocketFrame) message;
        try {
            receive(frame);
        } finally {
            frame.release();
        }
        if (!inFragments) {
            messageStartNanos = NO_MESSAGE;
        }
    }

    private void receive(WebSocketFrame frame) {
        if (frame instanceof PingWebSocketFrame) {
            var unused = write(frame(PONG, ByteBufUtil.getBytes(frame.content())));
        } else if (frame instanceof CloseWebSocketFrame) {
            ConnectionClose.lingering(write(frame(CLOSE, ByteBufUtil.getBytes(frame.content()))));
        } else if (!(frame instanceof PongWebSocketFrame)) {
            collect(frame);
        }
    }

    private void collect(WebSocketFrame frame) {
        int length = partialLength + frame.content().readableBytes();
        if (length > SubscribeMessage.MAX_BYTES) {
            fail(WebSocketCloseStatus.MESSAGE_TOO_BIG, "message_too_big");
            return;
        }
        if (length > partialMessage.length) {
            int capacity = frame.isFinalFragment() ? length : Math.max(length, 2 * partialMessage.length);
            partialMessage = Arrays.copyOf(partialMessage, Math.min(capacity, SubscribeMessage.MAX_BYTES));
        }
        frame.content().readBytes(partialMessage, partialLength, length - partialLength);
        partialLength = length;
        inFragments = !frame.isFinalFragment();
        if (!inFragments) {
            byte[] message = length == partialMessage.length ? partialMessage : Arrays.copyOf(partialMessage, length);
            partialMessage = EMPTY;
            partialLength = 0;
            subscribe(message);
        }
    }

    private void subscribe(byte[] message) {
        try {
            subscribe(subscriptions.messages.repository(message));
        } catch (MessageFormatException e) {
            subscriptions.refusedAsInvalid(e.getMessage(), rights);
            reply(
                    e.fault() == MessageFormatException.Fault.NOT_JSON
                            ? ServerReply.NOT_JSON
                            : ServerReply.INVALID_SUBSCRIPTION);
        }
    }

    private void subscribe(RepositoryName repository) {
        if (rights.check(repository) instanceof Denied denied) {
            reply(subscriptions.refused(denied, repository, rights));
            return;
        }
        SubscribeResult result = subscriptions.subscribe(subscriber, repository, resume, rights);
        if (result != SubscribeResult.SUBSCRIBED) {
            reply(Subscriptions.refusal(result, repository));
        }
    }

    private void reply(String json) {
        var unused = write(frame(BINARY, json.getBytes(UTF_8)));
    }

    private void beat() {
        boolean traffic = received || subscriber.written() != lastWritten;
        received = false;
        lastWritten = subscriber.written();
        if (messageStartNanos != NO_MESSAGE
                && nowNanos() - messageStartNanos
                        >= subscriptions.limits().requestTimeout().toNanos()) {
            fail(WebSocketCloseStatus.POLICY_VIOLATION, "slow_message");
        } else if (traffic) {
            lastTrafficNanos = nowNanos();
        } else if (nowNanos() - lastTrafficNanos
                >= subscriptions.limits().idleTimeout().toNanos()) {
            subscriptions.cutOff("idle");
            closeWith(WebSocketCloseStatus.ENDPOINT_UNAVAILABLE);
        } else if (channel.isWritable()) {
            var unused = write(frame(PING, EMPTY));
        }
    }

    private long nowNanos() {
        return channel.eventLoop().ticker().nanoTime();
    }

    private void fail(WebSocketCloseStatus status, String reason) {
        subscriptions.cutOff(reason);
        closeWith(status);
    }

    private void closeWith(WebSocketCloseStatus status) {
        ConnectionClose.lingering(write(closeFrame(status)));
    }

    @Override
    void shutDown() {
        closeWith(WebSocketCloseStatus.ENDPOINT_UNAVAILABLE);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        channel.config().setAutoRead(channel.isWritable());
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

    /** Encodes an unmasked final frame of at most 64 KiB. */
    static byte[] frame(int opcode, byte[] payload) {
        int limit = opcode >= CLOSE ? MAX_CONTROL_BYTES : MAX_FRAME_BYTES;
        if (payload.length > limit) {
            throw new IllegalArgumentException("payload has %d bytes, allowed are %d".formatted(payload.length, limit));
        }
        boolean isLong = payload.length > MAX_CONTROL_BYTES;
        ByteBuffer frame =
                ByteBuffer.allocate((isLong ? 4 : 2) + payload.length).put((byte) (FINAL | opcode));
        if (isLong) {
            frame.put((byte) LENGTH_FOLLOWS).putShort((short) payload.length);
        } else {
            frame.put((byte) payload.length);
        }
        return frame.put(payload).array();
    }

    private static byte[] closeFrame(WebSocketCloseStatus status) {
        byte[] reason = status.reasonText().getBytes(UTF_8);
        return frame(
                CLOSE,
                ByteBuffer.allocate(2 + reason.length)
                        .putShort((short) status.code())
                        .put(reason)
                        .array());
    }

    /** Decodes frames, and tells when bytes arrive, so that a slow message is timed from its first byte. */
    private static final class TimedFrameDecoder extends WebSocket13FrameDecoder {

        private final Runnable bytesArrived;

        TimedFrameDecoder(Runnable bytesArrived) {
            super(FRAMES);
            this.bytesArrived = bytesArrived;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object bytes) throws Exception {
            bytesArrived.run();
            super.channelRead(ctx, bytes);
        }
    }
}
