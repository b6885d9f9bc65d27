package io.jenkins.plugins.cvmfs.notify.load.generator;

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
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

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

    void report(OutcomeBuilder to) {
        arrivals.report(to);
        to.put("broken", broken);
        if (broken > 0) {
            to.problem("%d connections broke, first: %s".formatted(broken, firstProblem));
        }
    }

    long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.getId());
    }
}
