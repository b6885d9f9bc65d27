package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jenkins.plugins.cvmfs.notify.proxy.access.Peer;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LimitsConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.http.HttpState.Answering;
import io.jenkins.plugins.cvmfs.notify.proxy.http.HttpState.Ended;
import io.jenkins.plugins.cvmfs.notify.proxy.http.HttpState.Idle;
import io.jenkins.plugins.cvmfs.notify.proxy.http.HttpState.ReceivingBody;
import io.jenkins.plugins.cvmfs.notify.proxy.http.HttpState.ReceivingHead;
import io.jenkins.plugins.cvmfs.notify.proxy.http.HttpState.Sending;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection while it speaks HTTP: requests one after the other, however many are sent ahead. While one is being answered, no more
 * is read from the socket than one buffer; while an answer is not read, nothing, and for the stalled time at most. All on the
 * connection's event loop.
 */
final class HttpConnection extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(HttpConnection.class);
    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(US_ASCII);
    private static final String NO_RESOURCE = "none";

    /** A longer answer counts against the memory for all answers until it is read. Each connection may have one unread answer. */
    private static final int FREE_ANSWER_BYTES = 4 * 1024;

    private final Channel channel;
    private final HttpService service;
    private final LimitsConfig limits;
    private final HttpMetrics metrics;
    private final RequestTimeout deadline;
    private final InetAddress address;
    private final Queue<HttpObject> received = new ArrayDeque<>(2);
    private HttpState state = new Idle();
    private boolean proceeding;
    private boolean lastRequest;
    private boolean sentAhead;

    private HttpConnection(Channel channel, HttpService service) {
        this.channel = channel;
        this.service = service;
        this.limits = service.limits();
        this.metrics = service.metrics();
        this.address = Peers.address(channel);
        this.deadline = new RequestTimeout(channel.eventLoop(), this::deadlinePassed);
    }

    /** Makes a registered channel an HTTP connection. */
    static void begin(Channel channel, HttpService service) {
        HttpConnection connection = new HttpConnection(channel, service);
        channel.pipeline()
                .addLast(new RequestDecoder(service.limits().maxHeaderBytes(), connection::bytesCame))
                .addLast(connection);
        connection.deadline.in(service.limits().requestTimeout());
    }

    private void bytesCame() {
        if (state instanceof Idle) {
            state = new ReceivingHead();
            deadline.in(limits.requestTimeout());
        } else if (state instanceof Answering || state instanceof Sending) {
            sentAhead = true;
            channel.config().setAutoRead(false);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object part) {
        received.add((HttpObject) part);
        proceed();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        proceed();
    }

    private void proceed() {
        if (proceeding) {
            return;
        }
        proceeding = true;
        while (takesMore() && !received.isEmpty()) {
            HttpObject next = received.remove();
            try {
                receive(next);
            } finally {
                ReferenceCountUtil.release(next);
            }
        }
        proceeding = false;
        if (!(state instanceof Ended)) {
            channel.config().setAutoRead(reads());
        }
    }

    /**
     * A client that waits for its answer sends nothing meanwhile, so there is nothing to be gained by not reading: to stop it and to
     * begin again are two system calls. One that sends ahead is read until something has come.
     */
    private boolean reads() {
        return takesMore() || (state instanceof Answering && received.isEmpty() && !sentAhead && channel.isWritable());
    }

    private boolean takesMore() {
        return !(state instanceof Answering)
                && !(state instanceof Sending)
                && !(state instanceof Ended)
                && channel.isWritable();
    }

    private void receive(HttpObject part) {
        if (part.decoderResult().isFailure()) {
            refuseUndecodable(part.decoderResult().cause());
        } else if (part instanceof HttpRequest request) {
            begin(request);
        } else if (part instanceof HttpContent content && state instanceof ReceivingBody receiving) {
            collect(receiving, content);
        }
        // Else it is the end of a request without a body that has its answer already.
    }

    private void begin(HttpRequest request) {
        try {
            RequestHead head = service.origins().marked(RequestHead.of(request));
            Route resource = service.routes().find(head);
            Optional<Response> instead = service.hostNames()
                    .answerInstead(channel, head)
                    .or(() -> service.origins().answerInstead(head, resource))
                    .or(() -> Router.answerInstead(head, resource));
            if (resource == null || instead.isPresent()) {
                refuse(head, resource, instead.orElseThrow());
            } else {
                expectBody(head, resource);
            }
        } catch (InvalidRequestException e) {
            Response answer = Response.error(HttpResponseStatus.BAD_REQUEST, "malformed_request")
                    .withDetail(String.valueOf(e.getMessage()));
            refuseUnread(answer, request.protocolVersion().equals(HttpVersion.HTTP_1_0));
        }
    }

    private void expectBody(RequestHead head, Route resource) {
        state = new ReceivingBody(head, resource, new RequestBody(resource.maxBodyBytes(), service.bodies()));
        if (head.expectsContinue()) {
            var unused = channel.writeAndFlush(Unpooled.wrappedBuffer(CONTINUE));
        }
    }

    private void collect(ReceivingBody receiving, HttpContent content) {
        switch (receiving.body().add(content.content())) {
            case TAKEN -> {
                if (content instanceof LastHttpContent) {
                    handle(receiving);
                }
            }
            case TOO_LONG -> refuseBody(receiving, Router.tooLarge(receiving.resource()));
            case NO_ROOM -> refuseBody(receiving, Router.tooManyPending());
        }
    }

    private void refuseBody(ReceivingBody receiving, Response answer) {
        metrics.answered(receiving.resource().name(), answer);
        sendLast(() -> ResponseWriter.write(channel, receiving.head(), answer, true));
    }

    private void handle(ReceivingBody whole) {
        Route resource = whole.resource();
        Peer peer = service.peers().of(channel, address, whole.head());
        Request request = new Request(whole.head(), whole.body().toBytes(), peer);
        Answering answering = new Answering(request.head(), resource);
        CurrentExchange exchange = new CurrentExchange(answering, whole.body());
        state = answering;
        deadline.clear();
        try {
            resource.handle(request, exchange);
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).addKeyValue("resource", resource.name()).log("request failed");
            exchange.answer(Response.error(HttpResponseStatus.INTERNAL_SERVER_ERROR, "internal_error"));
        }
    }

    private void answer(Answering to, Response answer) {
        if (state != to) {
            return;
        }
        boolean close = lastRequest || !to.head().keepsAlive();
        send(to.head(), to.resource().name(), answer, close);
        proceed();
    }

    /** Answers a request of which the body, if any, is not wanted. */
    private void refuse(RequestHead head, @Nullable Route resource, Response answer) {
        boolean close = lastRequest || !head.keepsAlive() || head.announcesBody();
        send(head, resource == null ? NO_RESOURCE : resource.name(), answer, close);
    }

    /** Sends an answer, or says that there is no memory for it. The next request waits until the client has taken all of it. */
    private void send(RequestHead to, String resource, Response answer, boolean close) {
        int wanted = to.isHead() ? 0 : Math.max(0, ByteBufUtil.utf8Bytes(answer.body()) - FREE_ANSWER_BYTES);
        boolean fits = wanted == 0 || service.answers().take(wanted);
        int reserved = fits ? wanted : 0;
        Response sent = fits ? answer : Router.tooManyUnread();
        metrics.answered(resource, sent);
        ChannelFuture written;
        try {
            written = ResponseWriter.write(channel, to, sent, close);
        } catch (RuntimeException | OutOfMemoryError e) {
            service.answers().giveBack(reserved);
            cannotWrite(e);
            return;
        }
        Sending sending = new Sending(close);
        state = sending;
        if (written.isDone()) {
            service.answers().giveBack(reserved);
            afterAnswer(written, sending);
        } else {
            deadline.in(limits.stalledTimeout());
            written.addListener(done -> {
                service.answers().giveBack(reserved);
                if (state == sending) {
                    afterAnswer(written, sending);
                    proceed();
                }
            });
        }
    }

    /** Sends what ends the connection. */
    private void sendLast(Supplier<ChannelFuture> write) {
        try {
            end(write.get());
        } catch (RuntimeException | OutOfMemoryError e) {
            cannotWrite(e);
        }
    }

    /** Nothing can be said any more, and nobody would look after the connection. */
    private void cannotWrite(Throwable cause) {
        LOG.atDebug().setCause(cause).log("answer cannot be written");
        leaveHttp();
        HangUp.withReset(channel);
    }

    private void afterAnswer(ChannelFuture written, Sending sent) {
        if (!written.isSuccess()) {
            cannotWrite(written.cause());
        } else if (sent.close()) {
            end(written);
        } else if (lastRequest) {
            // The other side has ended, or the proxy ends, while this answer was on its way.
            end(written);
        } else {
            state = sentAhead ? new ReceivingHead() : new Idle();
            deadline.in(sentAhead ? limits.requestTimeout() : limits.idleTimeout());
            sentAhead = false;
        }
    }

    private void refuseUndecodable(Throwable cause) {
        refuseUnread(MalformedRequests.answer(cause), false);
    }

    /** Answers a request that cannot be read, or not to its end. */
    private void refuseUnread(Response answer, boolean http10) {
        metrics.answered(NO_RESOURCE, answer);
        sendLast(() -> ResponseWriter.writeLast(channel, answer, !http10));
    }

    private void deadlinePassed() {
        if (state instanceof Idle) {
            metrics.connectionTimedOut();
            hangUp();
        } else if (state instanceof Sending) {
            metrics.answerUnread();
            HangUp.withReset(channel);
        } else {
            boolean http10 =
                    state instanceof ReceivingBody receiving && receiving.head().isHttp10();
            refuseUnread(Response.error(HttpResponseStatus.REQUEST_TIMEOUT, "request_timeout"), http10);
        }
    }

    private void hangUp() {
        var unused = channel.close();
    }

    private void end(ChannelFuture lastWords) {
        leaveHttp();
        LingeringClose.after(lastWords);
    }

    private void leaveHttp() {
        if (state instanceof ReceivingBody receiving) {
            receiving.body().release();
        }
        state = new Ended();
        deadline.cancel();
        received.forEach(ReferenceCountUtil::release);
        received.clear();
    }

    private void handOver(Answering from, Exchange.Successor successor) {
        if (state != from) {
            return;
        }
        leaveHttp();
        if (lastRequest) {
            // Its end has been seen already and will not be seen again: the stream would never end.
            HangUp.withReset(channel);
            return;
        }
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
        channel.config().setAutoRead(true);
        try {
            successor.begin(channel);
        } catch (RuntimeException | OutOfMemoryError e) {
            cannotWrite(e);
            return;
        }
        channel.pipeline().remove(this);
        channel.pipeline().remove(RequestDecoder.class);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        boolean inputEnded = event instanceof ChannelInputShutdownEvent
                || (event instanceof SslCloseCompletionEvent end && end.isSuccess());
        if (inputEnded || event instanceof Farewell) {
            lastRequest = true;
            if (!(state instanceof Answering) && !(state instanceof Sending) && !(state instanceof Ended)) {
                hangUp();
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        leaveHttp();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.atDebug().setCause(cause).log("connection failed");
        hangUp();
    }

    /**
     * The exchange of the request that is being answered. When that has ended, because the client is gone, an answer only releases
     * the body: until then somebody works with it.
     */
    private final class CurrentExchange implements Exchange {

        private final Answering answering;
        private final RequestBody body;

        CurrentExchange(Answering answering, RequestBody body) {
            this.answering = answering;
            this.body = body;
        }

        /** As a task of its own: what the request has set going on this event loop, such as the first slice of a fan-out, goes before. */
        @Override
        public void answer(Response answer) {
            Runnable ending = () -> HttpConnection.this.answer(answering, answer);
            onLoop(() -> channel.eventLoop().execute(ending), ending);
        }

        @Override
        public void handOver(Successor successor) {
            Runnable ending = () -> HttpConnection.this.handOver(answering, successor);
            onLoop(ending, ending);
        }

        private void onLoop(Runnable fromHere, Runnable fromElsewhere) {
            if (channel.eventLoop().inEventLoop()) {
                body.release();
                fromHere.run();
            } else if (!channel.eventLoop().isShuttingDown()) {
                channel.eventLoop().execute(() -> {
                    body.release();
                    fromElsewhere.run();
                });
            }
        }
    }
}
