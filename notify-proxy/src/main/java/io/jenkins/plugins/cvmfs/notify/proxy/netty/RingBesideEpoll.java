package io.jenkins.plugins.cvmfs.notify.proxy.netty;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.util.concurrent.ThreadAwareExecutor;
import org.jspecify.annotations.Nullable;

/**
 * An event loop's epoll, which sees to every socket, and beside it a ring of the kernel's io_uring, which only takes
 * {@link IoUringBatch}es. Nothing ever waits for the ring: whoever submits to it also has it run. It is made for the first batch,
 * because Netty gives it two megabytes of structures that a proxy with few subscribers has no use for.
 */
final class RingBesideEpoll implements IoHandler {

    private final ThreadAwareExecutor loop;
    private final IoHandlerFactory rings;
    private final IoHandler epoll;
    private @Nullable IoHandler ring;

    private RingBesideEpoll(ThreadAwareExecutor loop, IoHandlerFactory rings, IoHandler epoll) {
        this.loop = loop;
        this.rings = rings;
        this.epoll = epoll;
    }

    /** Whether the kernel has io_uring and lets this process use it; the JVM's option {@value IoUringBatch#OPTION}=false says no. */
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
