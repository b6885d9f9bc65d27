package io.jenkins.plugins.cvmfs.notify.load.server;

import io.jenkins.plugins.cvmfs.notify.load.generator.Dialect;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A running service under load: child processes on the loopback interface.
 *
 * @param processes those of the service itself
 * @param ports a TCP port for each generator
 * @param broker the RabbitMQ behind it, ended with it
 */
public record Server(
        List<ChildProcess> processes, List<Integer> ports, Dialect dialect, Optional<RabbitMqBroker> broker)
        implements AutoCloseable {

    static final Duration LONGEST_START = Duration.ofSeconds(60);

    private static final int LOWEST_PORT = 20_000;
    private static final int BELOW_PORT = 32_000;
    private static final int PAUSE_MILLIS = 50;

    /** A server that can be started. */
    public interface Kind {

        /** The name in the tables. */
        String title();

        /** The place in which a message is stored when its publish is answered with success: {@code none}, {@code memory}, {@code fsync}, … */
        String durability();

        /** Returns true if this machine has the programs. */
        default boolean isInstalled() {
            return true;
        }

        /** Starts a fresh server; returns once it accepts connections. */
        Server start() throws IOException;
    }

    /**
     * No service at all: the generator does the work.
     *
     * @param dialect AMQP, to a fresh RabbitMQ node, or FILE
     */
    public record Unserved(String title, String durability, Dialect dialect) implements Kind {

        @Override
        public boolean isInstalled() {
            return dialect == Dialect.FILE || RabbitMqBroker.isInstalled();
        }

        @Override
        public Server start() throws IOException {
            if (dialect == Dialect.FILE) {
                return new Server(List.of(), List.of(0), dialect, Optional.empty());
            }
            RabbitMqBroker broker = RabbitMqBroker.start(1);
            return new Server(List.of(), List.of(broker.port()), dialect, Optional.of(broker));
        }
    }

    static Server alone(ChildProcess process, int port, Dialect dialect) {
        return new Server(List.of(process), List.of(port), dialect, Optional.empty());
    }

    public ChildProcess.Usage usage() throws IOException {
        return ChildProcess.Usage.of(processes);
    }

    public ChildProcess.Usage brokerUsage() throws IOException {
        return broker.isPresent() ? broker.get().usage() : new ChildProcess.Usage(0, 0);
    }

    /**
     * Returns a port of the loopback interface on which no process listens, outside the range for outgoing connections, for a server that
     * cannot choose one and report it. Another process could take it before the server listens.
     */
    static int freePort() throws IOException {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST_PORT, BELOW_PORT);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (BindException taken) {
                // Another one, then.
            }
        }
    }

    /** A state that a server reaches after its start. */
    @FunctionalInterface
    interface Reached {
        boolean isReached() throws IOException;
    }

    /**
     * Waits for it.
     *
     * @throws IOException if it does not come within a minute
     */
    static void await(String what, Reached state) throws IOException {
        long deadline = System.nanoTime() + LONGEST_START.toNanos();
        while (!state.isReached()) {
            if (System.nanoTime() > deadline) {
                throw new IOException("timed out after %d s: %s".formatted(LONGEST_START.toSeconds(), what));
            }
            pause(PAUSE_MILLIS);
        }
    }

    /** Sleeps, for callers that poll. */
    public static void pause(long millis) throws IOException {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    static void awaitListening(String address, int port) throws IOException {
        await("no process listens on %s:%d".formatted(address, port), () -> {
            try {
                SocketChannel.open(new InetSocketAddress(address, port)).close();
                return true;
            } catch (ConnectException e) {
                return false;
            }
        });
    }

    @Override
    public void close() {
        processes.forEach(ChildProcess::close);
        broker.ifPresent(RabbitMqBroker::close);
    }
}
