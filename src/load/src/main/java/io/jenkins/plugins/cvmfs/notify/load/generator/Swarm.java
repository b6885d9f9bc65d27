package io.jenkins.plugins.cvmfs.notify.load.generator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** All subscribers of one repository, and the one thread that reads them. */
final class Swarm {

    private static final int READ_BUFFER = 1 << 20;
    /** Addresses 127.0.0.x that a generator's subscribers come from: each has about 28,000 ports. */
    private static final int SOURCES = 4;

    private final Selector selector;
    private final Thread thread = new Thread(this::run, "swarm");
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    // All used on the thread only.
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BUFFER);
    private final List<Subscriber> subscribers = new ArrayList<>();
    private final Arrivals arrivals;
    private int broken;
    private String firstProblem = "";

    Swarm(Arrivals arrivals) throws IOException {
        this.arrivals = arrivals;
        this.selector = Selector.open();
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (true) {
                selector.select(this::ready);
                Runnable task;
                while ((task = tasks.poll()) != null) {
                    task.run();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void ready(SelectionKey key) {
        Subscriber subscriber = (Subscriber) key.attachment();
        try {
            subscriber.ready();
        } catch (IOException e) {
            subscriber.failed(e);
        }
    }

    /** Runs a task on the swarm's thread and returns its result. */
    <T> T call(Supplier<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        tasks.add(() -> result.complete(task.get()));
        selector.wakeup();
        return result.join();
    }

    /** Starts to connect the subscribers of an order. */
    Joining join(Order.Target target, Order.Connect order) {
        Joining joining = new Joining(target, order);
        return call(() -> {
            joining.openMore();
            return joining;
        });
    }

    /** Resets all connections; returns how many. On the swarm's thread. */
    int drop() {
        // Closed channels keep their descriptors until the next selection, which follows this task.
        subscribers.forEach(Subscriber::reset);
        int count = subscribers.size();
        subscribers.clear();
        return count;
    }

    /** @throws IOException if the connection of a subscriber broke */
    void failIfBroken() throws IOException {
        String problem =
                call(() -> broken == 0 ? "" : "%d connections broke, first: %s".formatted(broken, firstProblem));
        if (!problem.isEmpty()) {
            throw new IOException(problem);
        }
    }

    long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.getId());
    }

    /** The subscribers of one order to connect. On the swarm's thread, except for the future. */
    final class Joining {

        private final Order.Target target;
        private final Order.Connect order;
        private final CompletableFuture<Void> allReady = new CompletableFuture<>();
        private int opened;
        private int ready;

        private Joining(Order.Target target, Order.Connect order) {
            this.target = target;
            this.order = order;
        }

        /** Completes when each subscriber has the last value. */
        CompletableFuture<Void> allReady() {
            return allReady;
        }

        String progress() {
            return "%d of %d subscribers were in".formatted(ready, order.count());
        }

        private void openMore() {
            try {
                while (opened < order.count() && opened - ready < order.atOnce()) {
                    open("127.0.0." + (2 + SOURCES * target.number() + opened % SOURCES));
                    opened++;
                }
            } catch (IOException e) {
                fail(e);
            }
        }

        private void open(String source) throws IOException {
            SocketChannel channel = SocketChannel.open();
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.bind(new InetSocketAddress(source, 0));
            SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT);
            Subscriber subscriber = new Subscriber(this, channel, key);
            key.attach(subscriber);
            subscribers.add(subscriber);
            // The selector reports a connection that is made at once, too.
            var unused = channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target.port()));
        }

        private void ready() {
            ready++;
            if (ready == order.count()) {
                allReady.complete(null);
            } else {
                openMore();
            }
        }

        private void fail(IOException e) {
            allReady.completeExceptionally(new IOException("%s; %s".formatted(progress(), e.getMessage()), e));
        }
    }

    /** One subscriber: sends its request, then reads. On the swarm's thread only. */
    private final class Subscriber implements StreamParser.Sink {

        private static final byte[] NOTHING = {};

        private final Joining joining;
        private final SocketChannel channel;
        private final SelectionKey key;
        /** Sequence of the newest message; 0 before the last value. */
        private long newest;

        private @Nullable StreamParser parser;
        private byte[] rest = NOTHING;
        private long readAtNanos;

        Subscriber(Joining joining, SocketChannel channel, SelectionKey key) {
            this.joining = joining;
            this.channel = channel;
            this.key = key;
        }

        void ready() throws IOException {
            if (key.isConnectable()) {
                var unused = channel.finishConnect();
                key.interestOps(SelectionKey.OP_READ);
                write(joining.target.dialect().subscribe(joining.order.kind(), joining.target.repositoryName()));
            } else {
                read();
            }
        }

        private void write(byte[] bytes) throws IOException {
            if (channel.write(ByteBuffer.wrap(bytes)) < bytes.length) {
                throw new IOException("a request did not fit into the socket's buffer");
            }
        }

        private void read() throws IOException {
            buffer.clear().put(rest);
            if (channel.read(buffer) < 0) {
                throw new EOFException("the server ended a subscriber's connection");
            }
            readAtNanos = System.nanoTime();
            buffer.flip();
            StreamParser known = parser == null ? readHead() : parser;
            if (known != null) {
                known.parse(buffer, this);
            }
            int left = buffer.remaining();
            if (left > 0 || rest.length > 0) {
                rest = left == 0 ? NOTHING : new byte[left];
                buffer.get(rest);
            }
        }

        private @Nullable StreamParser readHead() throws IOException {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.get(buffer.position(), bytes);
            String text = new String(bytes, ISO_8859_1);
            int end = text.indexOf("\r\n\r\n");
            if (end < 0) {
                return null;
            }
            if (!text.startsWith("HTTP/1.1 101 ") && !text.startsWith("HTTP/1.1 200 ")) {
                throw new IOException(
                        "a subscriber was answered " + text.lines().findFirst().orElse(""));
            }
            buffer.position(buffer.position() + end + 4);
            Dialect dialect = joining.target.dialect();
            StreamParser chosen = dialect.parser(joining.order.kind(), text.substring(0, end + 2));
            parser = chosen;
            if (joining.order.kind() == SubscriberKind.WEB_SOCKET) {
                byte[] frame = dialect.afterUpgrade(joining.target.repositoryName());
                if (frame.length > 0) {
                    write(frame);
                }
            }
            return chosen;
        }

        @Override
        public void message(ByteBuffer in, int start, int length) {
            long sequence = Numbered.sequence(in, start);
            int repository = Numbered.repository(in, start);
            if (sequence <= 0 || repository != joining.target.repository()) {
                failed(new IOException("a message of another run or repository"));
            } else if (newest == 0) {
                newest = sequence;
                if (joining.order.stalled()) {
                    key.interestOps(0);
                }
                joining.ready();
            } else {
                arrivals.arrived(sequence, newest, Numbered.dueNanos(in, start), readAtNanos);
                newest = Math.max(newest, sequence);
            }
        }

        @Override
        public void ping() {
            try {
                write(StreamParser.WebSocketFrames.pong());
            } catch (IOException e) {
                failed(e);
            }
        }

        /** Counts the connection as broken, and fails the order to connect that it is part of. */
        void failed(IOException e) {
            joining.fail(e);
            broken++;
            if (firstProblem.isEmpty()) {
                firstProblem = e.getMessage() + ", at message " + newest;
            }
            reset();
        }

        /** Ends with RST, so that tens of thousands leave no sockets behind. */
        void reset() {
            try {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
                channel.close();
            } catch (IOException e) {
                // The channel is closed either way.
            }
        }
    }
}
