package io.jenkins.plugins.cvmfs.notify.proxy.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.unix.Socket;
import io.netty.channel.uring.IoUringIoEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakGuard.class)
class IoUringBatchTest {

    private static final int SECONDS = 60;

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void end() throws Exception {
        for (AutoCloseable one : open) {
            one.close();
        }
    }

    private EventLoop loop() {
        assumeTrue(IoUringBatch.RingBesideEpoll.isAvailable(), "the kernel has no io_uring for this process");
        EventLoopGroup group =
                new MultiThreadIoEventLoopGroup(1, IoUringBatch.RingBesideEpoll.factory(EpollIoHandler.newFactory()));
        open.add(() -> group.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly());
        return group.next();
    }

    @Nested
    class OverSockets {

        @Test
        void moreThanOneCallTakesReachEachTheirOwnInOrder() throws Exception {
            // Given
            EventLoop loop = loop();
            List<Pair> pairs = pairs(2 * IoUringBatch.CAPACITY + 7, 0);
            Recipients recipients = new Recipients();

            // When
            run(loop, () -> {
                IoUringBatch batch = IoUringBatch.on(loop);
                for (int round = 0; round < 3; round++) {
                    List<ByteBuf> frames = new ArrayList<>();
                    for (int i = 0; i < pairs.size(); i++) {
                        ByteBuf frame = Unpooled.directBuffer().writeInt(round).writeInt(i);
                        frames.add(frame);
                        batch.add(pairs.get(i).writer, frame, recipients);
                    }
                    batch.send();
                    frames.forEach(ByteBuf::release);
                }
            });

            // Then
            for (int i = 0; i < pairs.size(); i++) {
                ByteBuf read = Unpooled.wrappedBuffer(
                        pairs.get(i).reader.getInputStream().readNBytes(3 * 2 * Integer.BYTES));
                for (int round = 0; round < 3; round++) {
                    assertThat(List.of(read.readInt(), read.readInt())).containsExactly(round, i);
                }
            }
            assertThat(recipients.left).isEmpty();
            assertThat(recipients.lost).isZero();
        }

        @Test
        void whatAFullSocketDoesNotTakeIsHandedOnWithoutWaiting() throws Exception {
            // Given
            EventLoop loop = loop();
            List<Pair> pairs = pairs(3, 4096);
            Recipients full = new Recipients();
            Recipients others = new Recipients();
            ByteBuf large = numbers(1_000_000);
            ByteBuf small = numbers(1);

            // When
            run(loop, () -> {
                IoUringBatch batch = IoUringBatch.on(loop);
                batch.add(pairs.get(0).writer, small, others);
                batch.add(pairs.get(1).writer, large, full);
                batch.add(pairs.get(2).writer, small, others);
                batch.send();
            });

            // Then
            ByteBuf rest = full.left.get(0);
            assertThat(rest.readableBytes()).isPositive().isLessThan(large.readableBytes());
            byte[] taken =
                    pairs.get(1).reader.getInputStream().readNBytes(large.readableBytes() - rest.readableBytes());
            assertThat(Unpooled.wrappedBuffer(Unpooled.wrappedBuffer(taken), rest))
                    .isEqualTo(large);
            assertThat(others.left).isEmpty();
            assertThat(pairs.get(2).reader.getInputStream().readNBytes(Integer.BYTES))
                    .hasSize(Integer.BYTES);
            assertThat(rest.release()).as("the last hold but one").isFalse();
            assertThat(large.release() && small.release()).isTrue();
        }

        @Test
        void aSocketThatRefusesLeavesTheWholeFrame() throws Exception {
            // Given
            EventLoop loop = loop();
            List<Pair> pairs = pairs(1, 0);
            pairs.get(0).writer.shutdown();
            Recipients recipients = new Recipients();
            ByteBuf frame = numbers(1);

            // When
            run(loop, () -> {
                IoUringBatch batch = IoUringBatch.on(loop);
                batch.add(pairs.get(0).writer, frame, recipients);
                batch.send();
            });

            // Then
            assertThat(recipients.left).containsExactly(frame);
            recipients.left.forEach(ByteBuf::release);
            frame.release();
        }

        @Test
        void nothingIsSentTwice() throws Exception {
            // Given
            EventLoop loop = loop();
            List<Pair> pairs = pairs(1, 0);
            ByteBuf frame = numbers(1);

            // When
            run(loop, () -> {
                IoUringBatch batch = IoUringBatch.on(loop);
                batch.add(pairs.get(0).writer, frame, new Recipients());
                batch.send();
                batch.send();
            });
            pairs.get(0).writer.shutdown(false, true);

            // Then
            assertThat(pairs.get(0).reader.getInputStream().readAllBytes()).hasSize(Integer.BYTES);
            frame.release();
        }
    }

    @Nested
    class WhenTheRingFails {

        private final ScriptedRing ring = new ScriptedRing();
        private final IoUringBatch batch = new IoUringBatch();
        private final Recipients known = new Recipients();
        private final Recipients unknown = new Recipients();
        private final ByteBuf frame = numbers(1);

        @Test
        void thoseWithoutAResultEndAndTheOthersGoOn() throws Exception {
            // Given
            batch.through(ring);
            ring.handler.completes = 1;

            // When
            batch.add(socket(), frame, known);
            batch.add(socket(), frame, unknown);
            batch.send();

            // Then
            assertThat(known.lost).isZero();
            assertThat(known.left).isEmpty();
            assertThat(unknown.lost).isEqualTo(1);
            assertThat(unknown.left).isEmpty();
            assertThat(batch.isOpen()).isFalse();
            assertThat(frame.refCnt()).as("what the kernel may still read").isEqualTo(2);
            frame.release(2);
        }

        @Test
        void aRingThatNeverComesToAnEndIsGivenUpToo() throws Exception {
            // Given
            batch.through(ring);
            ring.handler.fails = false;

            // When
            batch.add(socket(), frame, unknown);
            batch.send();

            // Then
            assertThat(unknown.lost).isEqualTo(1);
            assertThat(batch.isOpen()).isFalse();
            frame.release(2);
        }

        @Test
        void whatIsAddedToAClosedOneIsLeftToTheRecipient() throws Exception {
            batch.through(ring);
            batch.close();

            batch.add(socket(), frame, known);
            batch.send();

            assertThat(known.left).containsExactly(frame);
            frame.release(2);
        }

        /** Completes as many sends as it is asked to, then fails or goes on doing nothing. */
        private final class ScriptedRing implements IoRegistration {

            final Handler handler = new Handler();

            @Override
            @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the signature is Netty's
            public <T> T attachment() {
                return (T) handler;
            }

            @Override
            public long submit(IoOps ops) {
                return 0;
            }

            @Override
            public boolean isValid() {
                return true;
            }

            @Override
            public boolean cancel() {
                return true;
            }

            private final class Handler implements IoHandler {

                int completes;
                boolean fails = true;

                @Override
                public int run(IoHandlerContext context) {
                    if (completes > 0) {
                        completes--;
                        batch.handle(ScriptedRing.this, new IoUringIoEvent(frame.readableBytes(), 0, (byte) 0, 0L));
                    } else if (fails) {
                        throw new IllegalStateException("scripted");
                    }
                    return 0;
                }

                @Override
                public IoRegistration register(IoHandle handle) {
                    return ScriptedRing.this;
                }

                @Override
                public void wakeup() {}

                @Override
                public boolean isCompatible(Class<? extends IoHandle> type) {
                    return true;
                }
            }
        }
    }

    @Test
    void anEventLoopWithoutARingHasNoBatch() throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        open.add(() -> group.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly());
        AtomicReference<@Nullable IoUringBatch> batch = new AtomicReference<>();

        EventLoop loop = group.next();
        run(loop, () -> batch.set(IoUringBatch.on(loop)));

        assertThat(batch.get()).isNull();
    }

    @Test
    void theOptionOfTheJvmSaysNo() {
        System.setProperty(IoUringBatch.OPTION, "false");
        open.add(() -> System.clearProperty(IoUringBatch.OPTION));

        assertThat(IoUringBatch.RingBesideEpoll.isAvailable()).isFalse();
    }

    private interface Action {
        void run() throws IOException;
    }

    private static void run(EventLoop loop, Action action) throws Exception {
        loop.submit(() -> {
                    action.run();
                    return null;
                })
                .get(SECONDS, TimeUnit.SECONDS);
    }

    private Socket socket() {
        // Netty loads its library with the first question about it.
        assumeTrue(Epoll.isAvailable(), "there is no epoll here");
        Socket socket = Socket.newSocketStream();
        open.add(socket::close);
        return socket;
    }

    private static ByteBuf numbers(int count) {
        ByteBuf frame = Unpooled.directBuffer(count * Integer.BYTES);
        for (int i = 0; i < count; i++) {
            frame.writeInt(i);
        }
        return frame;
    }

    /** Connections over the loopback interface, their buffers this large; 0 for as the kernel likes. */
    private List<Pair> pairs(int count, int bufferBytes) throws IOException {
        List<Pair> pairs = new ArrayList<>();
        try (ServerSocket listening = new ServerSocket()) {
            if (bufferBytes > 0) {
                listening.setReceiveBufferSize(bufferBytes);
            }
            listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            for (int i = 0; i < count; i++) {
                Socket writer = socket();
                if (bufferBytes > 0) {
                    writer.setSendBufferSize(bufferBytes);
                }
                writer.connect(listening.getLocalSocketAddress());
                java.net.Socket reader = listening.accept();
                reader.setSoTimeout(SECONDS * 1000);
                open.add(reader);
                pairs.add(new Pair(writer, reader));
            }
        }
        return pairs;
    }

    private record Pair(Socket writer, java.net.Socket reader) {}

    private static final class Recipients implements IoUringBatch.Recipient {

        final List<ByteBuf> left = new ArrayList<>();
        int lost;

        @Override
        public void leftOver(ByteBuf rest) {
            left.add(rest);
        }

        @Override
        public void lost() {
            lost++;
        }
    }
}
