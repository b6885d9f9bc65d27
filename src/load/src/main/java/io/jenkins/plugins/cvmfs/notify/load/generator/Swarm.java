package io.jenkins.plugins.cvmfs.notify.load.generator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.jenkins.plugins.cvmfs.notify.load.wire.MessageSink;
import io.jenkins.plugins.cvmfs.notify.load.wire.Numbered;
import io.jenkins.plugins.cvmfs.notify.load.wire.StreamParser;
import io.jenkins.plugins.cvmfs.notify.load.wire.SubscriberKind;
import io.jenkins.plugins.cvmfs.notify.load.wire.WebSocketFrames;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** All subscribers, and the one thread that reads them. */
final class Swarm {

    private static final int READ_BUFFER = 1 << 20;

    private final Selector selector;
    private final Thread thread = new Thread(this::run, "swarm");
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    // All used on the thread only.
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BUFFER);
    private final List<SubscriberSocket> subscribers = new ArrayList<>();
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
                arrivals.publish(System.nanoTime());
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
        SubscriberSocket subscriber = (SubscriberSocket) key.attachment();
        try {
            subscriber.ready(buffer);
        } catch (IOException e) {
            subscriber.failed(e);
        }
    }

    /** Runs on the swarm's thread. */
    <T> T call(Supplier<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        tasks.add(() -> result.complete(task.get()));
        selector.wakeup();
        return result.join();
    }

    void open(Recruits recruits, Order.Target target, int number, String source) throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.bind(new InetSocketAddress(source, 0));
        SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT);
        SubscriberSocket subscriber = new SubscriberSocket(recruits, arrivals, channel, key, number);
        key.attach(subscriber);
        subscribers.add(subscriber);
        // If it stands at once the selector still says so.
        var unused = channel.connect(new InetSocketAddress(target.host(), target.port()));
    }

    void broken(SubscriberSocket subscriber, IOException e) {
        broken++;
        if (firstProblem.isEmpty()) {
            firstProblem = subscriber + ": " + e.getMessage();
        }
        subscriber.reset();
    }

    /** Resets all connections. On the swarm's thread. */
    void drop() throws IOException {
        subscribers.forEach(SubscriberSocket::reset);
        subscribers.clear();
        // A closed channel keeps its descriptor until the selector has let go of it, and there are few to spare.
        var unused = selector.selectNow(key -> {});
    }

    void report(Outcome.Builder to) {
        arrivals.report(to);
        to.put("broken", broken);
        if (broken > 0) {
            to.problem("%d connections broke, first: %s".formatted(broken, firstProblem));
        }
    }

    long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.getId());
    }

    /** One subscriber: sends its request, then reads. Used on the swarm's thread only. */
    private static final class SubscriberSocket implements MessageSink {

        private static final byte[] NOTHING = {};

        private final Recruits recruits;
        private final Arrivals arrivals;
        private final SocketChannel channel;
        private final SelectionKey key;
        private final int firstRepository;
        /** The last sequence of each repository; 0 while it has none. */
        private final long[] last;

        private int missingFirstValues;
        private @Nullable StreamParser parser;
        private byte[] rest = NOTHING;
        private long readAtNanos;

        SubscriberSocket(Recruits recruits, Arrivals arrivals, SocketChannel channel, SelectionKey key, int number) {
            this.recruits = recruits;
            this.arrivals = arrivals;
            this.channel = channel;
            this.key = key;
            this.firstRepository = recruits.firstRepositoryOf(number);
            this.last = new long[recruits.repositoriesEach()];
            this.missingFirstValues = last.length;
        }

        /** The connection stands or has something to read. */
        void ready(ByteBuffer buffer) throws IOException {
            if (key.isConnectable()) {
                var unused = channel.finishConnect();
                key.interestOps(SelectionKey.OP_READ);
                write(recruits.request(firstRepository));
            } else {
                read(buffer);
            }
        }

        private void write(byte[] bytes) throws IOException {
            if (channel.write(ByteBuffer.wrap(bytes)) < bytes.length) {
                throw new IOException("a request did not fit into the socket's buffer");
            }
        }

        private void read(ByteBuffer buffer) throws IOException {
            buffer.clear().put(rest);
            if (channel.read(buffer) < 0) {
                throw new EOFException("the server ended a subscriber's connection");
            }
            readAtNanos = System.nanoTime();
            buffer.flip();
            StreamParser known = parser == null ? readHead(buffer) : parser;
            if (known != null) {
                known.parse(buffer, this);
            }
            keepRest(buffer);
        }

        private void keepRest(ByteBuffer buffer) {
            int left = buffer.remaining();
            if (left > 0 || rest.length > 0) {
                rest = left == 0 ? NOTHING : new byte[left];
                buffer.get(rest);
            }
        }

        private @Nullable StreamParser readHead(ByteBuffer buffer) throws IOException {
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
            StreamParser chosen = recruits.parser(text.substring(0, end + 2));
            parser = chosen;
            for (byte[] frame : recruits.afterUpgrade(firstRepository)) {
                write(frame);
            }
            return chosen;
        }

        @Override
        public void message(ByteBuffer buffer, int start, int length) {
            long sequence = Numbered.sequence(buffer, start);
            int repository = Numbered.repository(buffer, start);
            int slot = repository - firstRepository;
            if (sequence <= 0 || slot < 0 || slot >= last.length) {
                recruits.strange(this);
                return;
            }
            if (last[slot] == 0) {
                firstValue();
            } else {
                arrivals.arrived(repository, sequence, last[slot], readAtNanos);
            }
            last[slot] = Math.max(last[slot], sequence);
        }

        private void firstValue() {
            missingFirstValues--;
            if (missingFirstValues == 0) {
                if (recruits.stalled()) {
                    key.interestOps(0);
                }
                recruits.ready();
            }
        }

        @Override
        public void ping() {
            try {
                write(WebSocketFrames.pong());
            } catch (IOException e) {
                failed(e);
            }
        }

        /** It cannot go on; nor can an order to connect of which it is a part. */
        void failed(IOException e) {
            recruits.failed(this, e);
        }

        /** Ends with RST, so that tens of thousands leave no sockets behind. */
        void reset() {
            try {
                channel.setOption(java.net.StandardSocketOptions.SO_LINGER, 0);
                channel.close();
            } catch (IOException e) {
                // It is closed either way.
            }
        }

        @Override
        public String toString() {
            return "subscriber of " + Numbered.repository(firstRepository) + " at " + Arrays.toString(last);
        }
    }

    /**
     * The subscribers of one order to connect: what they ask for, and how many have it. Used on the swarm's thread only, except for the
     * future.
     */
    static final class Recruits {

        private final Order.Target target;
        private final Order.Connect order;
        private final CompletableFuture<Void> allReady = new CompletableFuture<>();
        private final Swarm swarm;
        private int begun;
        private int ready;

        Recruits(Order.Target target, Order.Connect order, Swarm swarm) {
            this.target = target;
            this.order = order;
            this.swarm = swarm;
        }

        StreamParser parser(String head) {
            return target.dialect().parser(order.kind(), head);
        }

        boolean stalled() {
            return order.stalled();
        }

        int repositoriesEach() {
            return order.repositoriesEach();
        }

        /** Subscribers take blocks of repositories in turn. */
        int firstRepositoryOf(int number) {
            int blocks = target.repositories() / order.repositoriesEach();
            return target.firstRepository() + number % blocks * order.repositoriesEach();
        }

        byte[] request(int firstRepository) {
            return target.dialect().subscribe(order.kind(), names(firstRepository));
        }

        List<byte[]> afterUpgrade(int firstRepository) {
            return order.kind() == SubscriberKind.WEB_SOCKET
                    ? target.dialect().afterUpgrade(names(firstRepository))
                    : List.of();
        }

        private List<String> names(int firstRepository) {
            return IntStream.range(firstRepository, firstRepository + order.repositoriesEach())
                    .mapToObj(Numbered::repository)
                    .toList();
        }

        /** Begins as many as may be under way. */
        void recruit() {
            try {
                while (begun < order.count() && begun - ready < order.atOnce()) {
                    swarm.open(this, target, begun, "127.0.0." + (2 + begun % order.sources()));
                    begun++;
                }
            } catch (IOException e) {
                allReady.completeExceptionally(new IOException("%s; %s".formatted(progress(), e.getMessage()), e));
            }
        }

        /** One more holds the last value of all its repositories. */
        void ready() {
            ready++;
            if (ready == order.count()) {
                allReady.complete(null);
            } else {
                recruit();
            }
        }

        void failed(SubscriberSocket subscriber, IOException e) {
            if (!allReady.isDone()) {
                allReady.completeExceptionally(new IOException("%s; %s".formatted(progress(), e.getMessage()), e));
            }
            swarm.broken(subscriber, e);
        }

        void strange(SubscriberSocket subscriber) {
            failed(subscriber, new IOException("a message that is none of this run's came to the " + subscriber));
        }

        /** How far it has come. */
        String progress() {
            return "%d of %d subscribers were in".formatted(ready, order.count());
        }

        CompletableFuture<Void> allReady() {
            return allReady;
        }
    }
}
