package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LimitsConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.netty.ByteBudget;
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
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTP connection: handles requests one after the other, however many are pipelined. While one is being handled, at most one buffer
 * is read from the socket; while the client does not read a response, nothing, for at most the stalled timeout. All on the
 * connection's event loop.
 */
final class HttpConnection extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(HttpConnection.class);
    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(US_ASCII);
    private static final String NO_ROUTE = "none";

    /** The bytes of a response beyond this count against the memory for all unread responses. A connection has at most one. */
    private static final int FREE_RESPONSE_BYTES = 4 * 1024;

    /**
     * The parts that all connections of a server share.
     *
     * @param bodies memory for the bodies of all requests
     * @param responses memory for long responses that clients have not read yet
     */
    record Service(
            Router router,
            HostNames hostNames,
            OriginPolicy origins,
            Peers peers,
            LimitsConfig limits,
            ByteBudget bodies,
            ByteBudget responses,
            HttpMetrics metrics) {}

    /** The state of the connection. */
    private sealed interface State {

        /** No request has begun: the connection is new, or the last response has been written. */
        record Idle() implements State {}

        /** The first bytes of a request have arrived, but not its whole head. */
        record ReceivingHead() implements State {}

        /** The head was accepted, its body is arriving. */
        record ReceivingBody(Request request, Route route, RequestBody body) implements State {}

        /** The route has the whole request. Further input waits. */
        record Handling(Request request, Route route) implements State {}

        /**
         * The response is written, but the client has not taken all of it. Further input waits.
         *
         * @param close whether the connection ends after it
         */
        record Sending(boolean close) implements State {}

        /** No further request is taken: the last response is being sent, or the connection was handed over. */
        record Ended() implements State {}
    }

    private final Channel channel;
    private final Service service;
    private final LimitsConfig limits;
    private final HttpMetrics metrics;
    private final RequestTimeout timeout;
    private final InetAddress address;
    private final Queue<HttpObject> received = new ArrayDeque<>(2);
    private State state = new State.Idle();
    private boolean proceeding;
    private boolean isLast;
    private boolean pipelined;

    private HttpConnection(Channel channel, Service service) {
        this.channel = channel;
        this.service = service;
        this.limits = service.limits();
        this.metrics = service.metrics();
        this.address = Peers.address(channel);
        this.timeout = new RequestTimeout(channel.eventLoop(), this::timedOut);
    }

    /** Makes a registered channel an HTTP connection. */
    static void begin(Channel channel, Service service) {
        HttpConnection connection = new HttpConnection(channel, service);
        channel.pipeline()
                .addLast(new RequestDecoder(service.limits().maxHeaderBytes(), connection::bytesArrived))
                .addLast(connection);
        connection.timeout.in(service.limits().requestTimeout());
    }

    private void bytesArrived() {
        if (state instanceof State.Idle) {
            state = new State.ReceivingHead();
            timeout.in(limits.requestTimeout());
        } else if (state instanceof State.Handling || state instanceof State.Sending) {
            pipelined = true;
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
        while (takesInput() && !received.isEmpty()) {
            HttpObject next = received.remove();
            try {
                receive(next);
            } finally {
                ReferenceCountUtil.release(next);
            }
        }
        proceeding = false;
        if (!(state instanceof State.Ended)) {
            channel.config().setAutoRead(reads());
        }
    }

    /**
     * A client that waits for its response sends nothing meanwhile, so nothing is gained by not reading: to stop and to start
     * again are two system calls. A client that pipelines is read until something has arrived.
     */
    private boolean reads() {
        return takesInput()
                || (state instanceof State.Handling && received.isEmpty() && !pipelined && channel.isWritable());
    }

    private boolean takesInput() {
        return isReceiving() && channel.isWritable();
    }

    private boolean isReceiving() {
        return !(state instanceof State.Handling || state instanceof State.Sending || state instanceof State.Ended);
    }

    private void receive(HttpObject part) {
        if (part.decoderResult().isFailure()) {
            refuseUnread(RequestDecoder.refusal(part.decoderResult().cause()), false);
        } else if (part instanceof HttpRequest request) {
            begin(request);
        } else if (part instanceof HttpContent content && state instanceof State.ReceivingBody receiving) {
            collect(receiving, content);
        }
        // Else it ends a request without a body that is answered already.
    }

    private void begin(HttpRequest head) {
        try {
            Peer peer = service.peers().of(channel, address, head.headers());
            Request request = service.origins().mark(Request.of(head, peer));
            Route route = service.router().find(request);
            Optional<Response> refusal = service.hostNames()
                    .refusal(channel, request)
                    .or(() -> service.origins().respond(request, route))
                    .or(() -> Router.respond(request, route));
            if (route == null || refusal.isPresent()) {
                // The body, if any, is not wanted.
                boolean close = isLast || !request.keepsAlive() || request.announcesBody();
                send(request, route == null ? NO_ROUTE : route.name(), refusal.orElseThrow(), close);
            } else {
                expectBody(request, route);
            }
        } catch (InvalidInputException e) {
            refuseUnread(
                    Response.error(400, "malformed_request").withDetail(String.valueOf(e.getMessage())),
                    head.protocolVersion().equals(HttpVersion.HTTP_1_0));
        }
    }

    private void expectBody(Request request, Route route) {
        state = new State.ReceivingBody(request, route, new RequestBody(route.maxBodyBytes(), service.bodies()));
        if (request.expectsContinue()) {
            var unused = channel.writeAndFlush(Unpooled.wrappedBuffer(CONTINUE));
        }
    }

    private void collect(State.ReceivingBody receiving, HttpContent content) {
        switch (receiving.body().add(content.content())) {
            case TAKEN -> {
                if (content instanceof LastHttpContent) {
                    handle(receiving);
                }
            }
            case TOO_LONG -> refuseBody(receiving, Router.tooLarge(receiving.route()));
            case NO_ROOM -> refuseBody(receiving, Router.tooManyPending());
        }
    }

    private void refuseBody(State.ReceivingBody receiving, Response response) {
        metrics.responded(receiving.route().name(), response);
        sendLast(() -> ResponseWriter.write(channel, receiving.request(), response, true));
    }

    private void handle(State.ReceivingBody received) {
        Route route = received.route();
        Request request = received.request().withBody(received.body().toBytes());
        State.Handling handling = new State.Handling(request, route);
        CurrentExchange exchange = new CurrentExchange(handling, received.body());
        state = handling;
        timeout.clear();
        try {
            route.handle(request, exchange);
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).addKeyValue("route", route.name()).log("request fails");
            exchange.answer(Response.error(500, "internal_error"));
        }
    }

    private void answer(State.Handling handled, Response response) {
        if (state != handled) {
            return;
        }
        boolean close = isLast || !handled.request().keepsAlive();
        send(handled.request(), handled.route().name(), response, close);
        proceed();
    }

    /** Sends a response, or 503 if there is no memory for it. The next request waits until the client has taken all of it. */
    private void send(Request to, String route, Response response, boolean close) {
        int wanted = to.isHead() ? 0 : Math.max(0, response.length() - FREE_RESPONSE_BYTES);
        boolean fits = wanted == 0 || service.responses().take(wanted);
        int reserved = fits ? wanted : 0;
        Response sent = fits ? response : Router.tooManyUnread();
        metrics.responded(route, sent);
        ChannelFuture written;
        try {
            written = ResponseWriter.write(channel, to, sent, close);
        } catch (RuntimeException | OutOfMemoryError e) {
            service.responses().giveBack(reserved);
            cannotWrite(e);
            return;
        }
        State.Sending sending = new State.Sending(close);
        state = sending;
        if (written.isDone()) {
            service.responses().giveBack(reserved);
            afterResponse(written, sending);
        } else {
            timeout.in(limits.stalledTimeout());
            written.addListener(done -> {
                service.responses().giveBack(reserved);
                if (state == sending) {
                    afterResponse(written, sending);
                    proceed();
                }
            });
        }
    }

    /** Sends a response that ends the connection. */
    private void sendLast(Supplier<ChannelFuture> write) {
        try {
            end(write.get());
        } catch (RuntimeException | OutOfMemoryError e) {
            cannotWrite(e);
        }
    }

    private void cannotWrite(Throwable cause) {
        LOG.atDebug().setCause(cause).log("cannot write response");
        leaveHttp();
        ConnectionClose.reset(channel);
    }

    private void afterResponse(ChannelFuture written, State.Sending sent) {
        if (!written.isSuccess()) {
            cannotWrite(written.cause());
        } else if (sent.close() || isLast) {
            // The client or the server may have ended while this response was being sent.
            end(written);
        } else {
            state = pipelined ? new State.ReceivingHead() : new State.Idle();
            timeout.in(pipelined ? limits.requestTimeout() : limits.idleTimeout());
            pipelined = false;
        }
    }

    /** Answers a request that cannot be read, or not to its end. */
    private void refuseUnread(Response response, boolean http10) {
        metrics.responded(NO_ROUTE, response);
        sendLast(() -> ResponseWriter.writeLast(channel, response, !http10));
    }

    private void timedOut() {
        if (state instanceof State.Idle) {
            metrics.connectionsTimedOut.increment();
            close();
        } else if (state instanceof State.Sending) {
            metrics.responsesUnread.increment();
            ConnectionClose.reset(channel);
        } else {
            boolean http10 = state instanceof State.ReceivingBody receiving
                    && receiving.request().isHttp10();
            refuseUnread(Response.error(408, "request_timeout"), http10);
        }
    }

    private void close() {
        var unused = channel.close();
    }

    private void end(ChannelFuture lastWrite) {
        leaveHttp();
        ConnectionClose.lingering(lastWrite);
    }

    private void leaveHttp() {
        if (state instanceof State.ReceivingBody receiving) {
            receiving.body().release();
        }
        state = new State.Ended();
        timeout.cancel();
        received.forEach(ReferenceCountUtil::release);
        received.clear();
    }

    private void handOver(State.Handling handled, Route.Successor successor) {
        if (state != handled) {
            return;
        }
        leaveHttp();
        if (isLast) {
            // The end of its input is known already and will not be reported again: the stream would never end.
            ConnectionClose.reset(channel);
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
        if (inputEnded || event instanceof HttpServer.Shutdown) {
            isLast = true;
            if (isReceiving()) {
                close();
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        leaveHttp();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.atDebug().setCause(cause).log("connection fails");
        close();
    }

    /**
     * The exchange of the request that is being handled. If the client is gone meanwhile, an answer only releases the body: until then
     * the route uses it.
     */
    private final class CurrentExchange implements Route.Exchange {

        private final State.Handling handling;
        private final RequestBody body;

        CurrentExchange(State.Handling handling, RequestBody body) {
            this.handling = handling;
            this.body = body;
        }

        /** Answers in a task of its own: what the request has started on this event loop, such as a first slice of fan-out, goes first. */
        @Override
        public void answer(Response response) {
            Runnable ending = () -> HttpConnection.this.answer(handling, response);
            onLoop(() -> channel.eventLoop().execute(ending), ending);
        }

        @Override
        public void handOver(Route.Successor successor) {
            Runnable ending = () -> HttpConnection.this.handOver(handling, successor);
            onLoop(ending, ending);
        }

        private void onLoop(Runnable fromLoop, Runnable fromElsewhere) {
            if (channel.eventLoop().inEventLoop()) {
                body.release();
                fromLoop.run();
            } else if (!channel.eventLoop().isShuttingDown()) {
                channel.eventLoop().execute(() -> {
                    body.release();
                    fromElsewhere.run();
                });
            }
        }
    }
}
