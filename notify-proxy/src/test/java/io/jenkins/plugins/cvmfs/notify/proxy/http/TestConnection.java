package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.jenkins.plugins.cvmfs.notify.proxy.config.HttpConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Valve;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One connection to a proxy's pipeline without a socket: bytes in, bytes out, the event loop turned and the clock moved by hand. */
public final class TestConnection {

    private final Valve valve = new Valve();
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final List<String> flushes = new ArrayList<>();
    private final StringBuilder unflushed = new StringBuilder();

    public TestConnection(TestProxy proxy) {
        this(proxy, TestConfigs.http());
    }

    public TestConnection(TestProxy proxy, HttpConfig http) {
        channel.freezeTime();
        int backlog = proxy.limits.backlogBytes();
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(backlog / 2, backlog));
        channel.pipeline().addLast(valve).addLast(new FlushRecorder());
        HttpConnection.begin(channel, proxy.service(http));
    }

    /** Sends these bytes, one for each character, as one read of the server. */
    public TestConnection send(String bytes) {
        return send(bytes.getBytes(ISO_8859_1));
    }

    public TestConnection send(byte[] bytes) {
        channel.writeInbound(Unpooled.copiedBuffer(bytes));
        channel.runPendingTasks();
        return this;
    }

    /** What each flush since the last call sent. */
    public List<String> writes() {
        channel.runPendingTasks();
        List<String> all = List.copyOf(flushes);
        flushes.clear();
        return all;
    }

    /** All that was sent since the last call. */
    public String received() {
        return String.join("", writes());
    }

    public boolean isOpen() {
        channel.runPendingTasks();
        return channel.isOpen();
    }

    /** Whether the server reads from the connection. */
    public boolean isReading() {
        return channel.config().isAutoRead();
    }

    public void letTimePass(Duration time) {
        channel.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
        channel.runPendingTasks();
    }

    public void stopReading() {
        valve.shut();
    }

    public void readAgain() {
        valve.open(channel.pipeline().context(valve));
        channel.runPendingTasks();
    }

    /** Every buffer that the server asks for from now on is refused. */
    public void runOutOfMemory() {
        channel.config().setAllocator(new AbstractByteBufAllocator(true) {
            @Override
            protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
                throw new OutOfMemoryError("on purpose");
            }

            @Override
            public boolean isDirectBufferPooled() {
                return false;
            }

            @Override
            protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
                throw new OutOfMemoryError("on purpose");
            }
        });
    }

    public void closeOutput() {
        channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        channel.runPendingTasks();
    }

    /** The client has said over TLS that it will send no more. */
    public void closeTls() {
        channel.pipeline().fireUserEventTriggered(SslCloseCompletionEvent.SUCCESS);
        channel.runPendingTasks();
    }

    public void shutDown() {
        channel.pipeline().fireUserEventTriggered(HttpServer.Shutdown.STARTED);
        channel.runPendingTasks();
    }

    public void disconnect() {
        channel.finishAndReleaseAll();
    }

    /** Stands where the socket is and notes what would become one system call. */
    private final class FlushRecorder extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            unflushed.append(((ByteBuf) message).toString(ISO_8859_1));
            var unused = ctx.write(message, promise);
        }

        @Override
        public void flush(ChannelHandlerContext ctx) {
            if (unflushed.length() > 0) {
                flushes.add(unflushed.toString());
                unflushed.setLength(0);
            }
            ctx.flush();
        }
    }
}
