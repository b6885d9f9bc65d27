package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.netty.EventLoops;
import io.jenkins.plugins.cvmfs.notify.proxy.netty.IoUringBatch;
import io.jenkins.plugins.cvmfs.notify.proxy.netty.SocketTransport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakGuard.class)
class SocketWriterTest {

    private static final int SECONDS = 60;

    @Test
    void aHandlerForWhatIsWrittenSeesEveryFrame() {
        // Given
        List<Object> seen = new ArrayList<>();
        EmbeddedChannel channel = new EmbeddedChannel(new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                seen.add(message);
                ctx.write(message, promise);
            }
        });
        ByteBuf frame = Unpooled.directBuffer().writeInt(7);

        // When
        new SocketWriter(channel).write(frame);

        // Then
        assertThat(seen).hasSize(1);
        assertThat(frame.refCnt()).isEqualTo(2);
        channel.finishAndReleaseAll();
        frame.release();
    }

    @Nested
    class OnASocket {

        private final CompletableFuture<Channel> accepted = new CompletableFuture<>();
        private EventLoops loops;
        private Socket reader;

        @BeforeEach
        void connect() throws Exception {
            assumeTrue(Epoll.isAvailable(), "there is no epoll here");
            loops = EventLoops.open(SocketTransport.EPOLL);
            Channel server = new ServerBootstrap()
                    .group(loops.group())
                    .channel(EpollServerSocketChannel.class)
                    .childOption(ChannelOption.SO_SNDBUF, 4096)
                    .childHandler(new ChannelInboundHandlerAdapter() {
                        @Override
                        public void channelActive(ChannelHandlerContext ctx) {
                            accepted.complete(ctx.channel());
                        }
                    })
                    .bind(InetAddress.getLoopbackAddress(), 0)
                    .sync()
                    .channel();
            reader = new Socket();
            reader.setSoTimeout(SECONDS * 1000);
            reader.setReceiveBufferSize(4096);
            reader.connect(server.localAddress() instanceof InetSocketAddress at ? at : null);
        }

        @AfterEach
        void end() throws IOException {
            if (loops != null) {
                reader.close();
                loops.close();
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 3})
        void aReaderThatIsSlowReceivesWhatWasWrittenCompleteAndInOrder(int oneInABatchOf) throws Exception {
            // Given
            int frames = 500;
            int ints = 1000;
            Channel channel = accepted.get(SECONDS, TimeUnit.SECONDS);

            // When: more than the socket takes, so that some frame is cut in two
            channel.eventLoop()
                    .submit(() -> writeNumbers(channel, frames, ints, oneInABatchOf))
                    .get(SECONDS, TimeUnit.SECONDS);

            // Then
            ByteBuf read = Unpooled.wrappedBuffer(reader.getInputStream().readNBytes(frames * ints * Integer.BYTES));
            for (int i = 0; i < frames * ints; i++) {
                assertThat(read.readInt()).isEqualTo(i);
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1})
        void aFrameForAReaderThatHasGoneClosesTheChannel(int oneInABatchOf) throws Exception {
            // Given
            Channel channel = accepted.get(SECONDS, TimeUnit.SECONDS);
            channel.config().setAutoRead(false);
            reader.setSoLinger(true, 0);
            reader.close();

            // When: at the latest the write after the first error fails too
            channel.eventLoop()
                    .submit(() -> writeNumbers(channel, 2, 1, oneInABatchOf))
                    .get(SECONDS, TimeUnit.SECONDS);

            // Then
            assertThat(channel.closeFuture().await(SECONDS, TimeUnit.SECONDS)).isTrue();
        }

        /** Every so manieth frame with a batch, if there is one here; never for 0. */
        private static void writeNumbers(Channel channel, int frames, int ints, int oneInABatchOf) {
            SocketWriter outlet = new SocketWriter(channel);
            IoUringBatch batch = oneInABatchOf == 0 ? null : IoUringBatch.on(channel.eventLoop());
            int next = 0;
            for (int i = 0; i < frames; i++) {
                ByteBuf frame = Unpooled.directBuffer(ints * Integer.BYTES);
                for (int j = 0; j < ints; j++) {
                    frame.writeInt(next++);
                }
                if (batch != null && i % oneInABatchOf == 0) {
                    outlet.write(frame, batch);
                    batch.send();
                } else {
                    outlet.write(frame);
                }
                frame.release();
            }
        }

        @Test
        void aConnectionWhosePartIsUnknownEnds() throws Exception {
            Channel channel = accepted.get(SECONDS, TimeUnit.SECONDS);

            new SocketWriter(channel).lost();

            assertThat(channel.closeFuture().await(SECONDS, TimeUnit.SECONDS)).isTrue();
        }
    }
}
