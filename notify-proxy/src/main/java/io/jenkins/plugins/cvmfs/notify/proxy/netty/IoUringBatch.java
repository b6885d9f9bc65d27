package io.jenkins.plugins.cvmfs.notify.proxy.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.channel.unix.Socket;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringIoOps;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frames for many sockets, sent by one system call through io_uring, in the order in which they were added. No send waits: what a
 * socket does not take at once is left to the recipient.
 *
 * <p>Used on its event loop only. From the first {@link #add} to {@link #send} no socket is added twice, written to otherwise, or closed.
 */
public final class IoUringBatch implements IoUringIoHandle {

    /** The JVM's option that says no to io_uring, by {@code false}. */
    static final String OPTION = "cvmfs.notify.io_uring";

    /** Most frames in one call; a power of two. */
    static final int CAPACITY = 128;

    private static final Logger LOG = LoggerFactory.getLogger(IoUringBatch.class);

    // Of Linux; Netty has them, but not for others.
    private static final byte IORING_OP_SEND = 26;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;

    private static final int UNKNOWN = Integer.MIN_VALUE;

    /** The kernel is done with every send when the call returns; so often it is asked again before that is doubted. */
    private static final int MOST_RUNS = 1000;

    private static final IoHandlerContext NOW = new IoHandlerContext() {
        @Override
        public boolean canBlock() {
            return false;
        }

        @Override
        public long delayNanos(long currentTimeNanos) {
            return 0;
        }

        @Override
        public long deadlineNanos() {
            return -1;
        }
    };

    private final @Nullable Recipient[] recipients = new Recipient[CAPACITY];
    private final @Nullable ByteBuf[] frames = new ByteBuf[CAPACITY];
    private final int[] results = new int[CAPACITY];
    private @Nullable IoRegistration ring;
    private int size;
    private int unfinished;

    IoUringBatch() {}

    /** The receiver of a frame. */
    public interface Recipient {

        /** Gives back the unsent rest of the frame, at least one byte; the receiver releases it. */
        void leftOver(ByteBuf rest);

        /** Reports that the number of bytes sent is unknown, so the connection must be closed. */
        void lost();
    }

    /** A batch on an event loop's ring; null where it has none. To be called on the loop. */
    public static @Nullable IoUringBatch on(EventLoop loop) {
        if (!(loop instanceof IoEventLoop real && real.isCompatible(IoUringBatch.class))) {
            return null;
        }
        IoUringBatch batch = new IoUringBatch();
        // Done by the time it returns, as this is the loop.
        Future<IoRegistration> registered = real.register(batch);
        if (!registered.isSuccess()) {
            LOG.atWarn()
                    .setCause(registered.cause())
                    .log("no io_uring for one more event loop, which sends to each subscriber by a call of its own");
            return null;
        }
        batch.through(registered.getNow());
        return batch;
    }

    void through(IoRegistration itsRing) {
        ring = itsRing;
    }

    /** Returns true if frames may be added, false once the ring has failed or is closed. */
    public boolean isOpen() {
        return ring != null;
    }

    /** Adds a frame, which has an address in memory and at least one readable byte, and stays as it is until {@link #send}. */
    public void add(Socket socket, ByteBuf frame, Recipient recipient) {
        if (size == CAPACITY) {
            send();
        }
        if (ring == null) {
            recipient.leftOver(frame.retainedSlice());
            return;
        }
        recipients[size] = recipient;
        frames[size] = frame;
        results[size] = UNKNOWN;
        var unused = ring.submit(new IoUringIoOps(
                IORING_OP_SEND,
                (byte) 0,
                (short) 0,
                socket.intValue(),
                0,
                frame.memoryAddress() + frame.readerIndex(),
                frame.readableBytes(),
                MSG_DONTWAIT | MSG_NOSIGNAL,
                size,
                (short) 0,
                (short) 0,
                0,
                0));
        size++;
        unfinished++;
    }

    /** Sends what was added; then those are told whose socket did not take all of it. */
    public void send() {
        if (ring != null) {
            run(ring);
        }
        int added = size;
        size = 0;
        // All slices before the first is handed on: what its recipient does may release the frame that it shares with
        // others.
        for (int i = 0; i < added; i++) {
            frames[i] = rest(frames[i], results[i]);
        }
        for (int i = 0; i < added; i++) {
            if (frames[i] != null) {
                handOn(frames[i], results[i], recipients[i]);
            }
        }
        Arrays.fill(recipients, 0, added, null);
        Arrays.fill(frames, 0, added, null);
    }

    private static @Nullable ByteBuf rest(ByteBuf frame, int result) {
        int taken = Math.max(result, 0);
        int left = frame.readableBytes() - taken;
        return left == 0 ? null : frame.retainedSlice(frame.readerIndex() + taken, left);
    }

    private static void handOn(ByteBuf rest, int result, Recipient recipient) {
        if (result == UNKNOWN) {
            // The kernel may still read it, so it is never released.
            recipient.lost();
        } else {
            recipient.leftOver(rest);
        }
    }

    private void run(IoRegistration itsRing) {
        IoHandler handler = itsRing.attachment();
        try {
            for (int runs = 0; unfinished > 0; runs++) {
                if (runs == MOST_RUNS) {
                    throw new IllegalStateException(unfinished + " sends of " + size + " have no result");
                }
                handler.run(NOW);
            }
        } catch (RuntimeException e) {
            ring = null;
            LOG.atError()
                    .setCause(e)
                    .log("io_uring failed: connections whose part is unknown end, the others go on without it");
        }
    }

    @Override
    public void handle(IoRegistration itsRing, IoEvent event) {
        IoUringIoEvent completed = (IoUringIoEvent) event;
        results[(int) completed.userData()] = completed.res();
        unfinished--;
    }

    @Override
    public void close() {
        ring = null;
    }

    /**
     * An event loop's epoll, which sees to every socket, and beside it a ring of the kernel's io_uring, which only takes
     * {@link IoUringBatch}es. Nothing ever waits for the ring: the thread that submits to it also runs it. It is made for the first batch,
     * because Netty gives it two megabytes of structures that a proxy with few subscribers has no use for.
     */
    static final class RingBesideEpoll implements IoHandler {

        private final ThreadAwareExecutor loop;
        private final IoHandlerFactory rings;
        private final IoHandler epoll;
        private @Nullable IoHandler ring;

        private RingBesideEpoll(ThreadAwareExecutor loop, IoHandlerFactory rings, IoHandler epoll) {
            this.loop = loop;
            this.rings = rings;
            this.epoll = epoll;
        }

        /** Returns true if the kernel lets this process use io_uring and {@value IoUringBatch#OPTION} is not false. */
        static boolean isAvailable() {
            return !"false".equals(System.getProperty(IoUringBatch.OPTION)) && IoUring.isAvailable();
        }

        /** For event loops with both; with epoll alone where there can be no ring. */
        static IoHandlerFactory factory(IoHandlerFactory epoll) {
            if (!isAvailable()) {
                return epoll;
            }
            IoHandlerFactory rings = IoUringIoHandler.newFactory(IoUringBatch.CAPACITY);
            return loop -> new RingBesideEpoll(loop, rings, epoll.newHandler(loop));
        }

        @Override
        public void initialize() {
            epoll.initialize();
        }

        @Override
        public int run(IoHandlerContext context) {
            return epoll.run(context);
        }

        @Override
        public void wakeup() {
            epoll.wakeup();
        }

        @Override
        public void prepareToDestroy() {
            epoll.prepareToDestroy();
            if (ring != null) {
                ring.prepareToDestroy();
            }
        }

        @Override
        public void destroy() {
            try {
                epoll.destroy();
            } finally {
                if (ring != null) {
                    ring.destroy();
                }
            }
        }

        @Override
        public IoRegistration register(IoHandle handle) throws Exception {
            return handle instanceof IoUringBatch ? ring().register(handle) : epoll.register(handle);
        }

        private IoHandler ring() {
            if (ring == null) {
                ring = rings.newHandler(loop);
                ring.initialize();
            }
            return ring;
        }

        @Override
        public boolean isCompatible(Class<? extends IoHandle> type) {
            return type == IoUringBatch.class || epoll.isCompatible(type);
        }
    }
}
