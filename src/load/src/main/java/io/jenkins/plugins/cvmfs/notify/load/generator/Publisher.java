package io.jenkins.plugins.cvmfs.notify.load.generator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;

/** A way to make messages safe. On the main thread. */
interface Publisher {

    /** Returns the way that a server speaks. */
    static Publisher to(Order.Target target, Arrivals arrivals) throws IOException {
        return switch (target.dialect()) {
            case NOTIFY, NCHAN -> new OverHttp(target);
            case AMQP -> new AmqpClient(target, arrivals);
            case FILE -> new IntoFile();
        };
    }

    /** Publishes one message, and waits until it is answered. */
    void publish(byte[] message) throws IOException;

    /**
     * Publishes as fast as messages are answered.
     *
     * @param atOnce how many are on their way
     * @param messages makes the next one
     * @param endNanos ends then
     * @param answered is told how long each took
     * @return how many were answered
     */
    long flood(int atOnce, Supplier<byte[]> messages, long endNanos, Histogram answered) throws IOException;

    /** Keep-alive connections, each with one request at a time. */
    final class OverHttp implements Publisher {

        private final Order.Target target;
        private final Connection connection;

        OverHttp(Order.Target target) throws IOException {
            this.target = target;
            this.connection = new Connection(target);
        }

        @Override
        public void publish(byte[] message) throws IOException {
            connection.send(message);
            while (!connection.readAnswer()) {
                // The channel blocks.
            }
        }

        @Override
        public long flood(int atOnce, Supplier<byte[]> messages, long endNanos, Histogram answered) throws IOException {
            List<Connection> connections = new ArrayList<>();
            try (Selector selector = Selector.open()) {
                for (int i = 0; i < atOnce; i++) {
                    Connection next = new Connection(target);
                    connections.add(next);
                    next.channel.configureBlocking(false);
                    next.channel.register(selector, SelectionKey.OP_READ, next);
                }
                for (Connection each : connections) {
                    each.send(messages.get());
                }
                while (System.nanoTime() < endNanos) {
                    selector.select(key -> next((Connection) key.attachment(), messages, answered), 100);
                }
                return answered.getTotalCount();
            } finally {
                for (Connection each : connections) {
                    each.channel.close();
                }
            }
        }

        private static void next(Connection connection, Supplier<byte[]> messages, Histogram answered) {
            try {
                if (connection.readAnswer()) {
                    answered.recordValue(System.nanoTime() - connection.sentNanos);
                    connection.send(messages.get());
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static final class Connection {

            private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *([0-9]+)");

            private final Order.Target target;
            private final SocketChannel channel;
            private final ByteBuffer answer = ByteBuffer.allocate(8192);
            private long sentNanos;

            Connection(Order.Target target) throws IOException {
                this.target = target;
                this.channel =
                        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), target.port()));
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            }

            /** Sends a request; the answer is to be read before the next. */
            void send(byte[] message) throws IOException {
                sentNanos = System.nanoTime();
                ByteBuffer bytes = ByteBuffer.wrap(target.dialect().publish(target.repositoryName(), message));
                do {
                    var unused = channel.write(bytes);
                } while (bytes.hasRemaining());
            }

            /** Reads what is there, or waits for it; true once an answer with a Content-Length is whole. */
            boolean readAnswer() throws IOException {
                if (channel.read(answer) < 0) {
                    throw new EOFException("the server ended the publisher's connection");
                }
                String text = new String(answer.array(), 0, answer.position(), ISO_8859_1);
                int headEnd = text.indexOf("\r\n\r\n");
                if (headEnd < 0) {
                    return false;
                }
                Matcher length = LENGTH.matcher(text).region(0, headEnd);
                if (!text.startsWith("HTTP/1.1 2") || !length.find()) {
                    throw new IOException("a publish was answered " + text);
                }
                if (answer.position() < headEnd + 4 + Integer.parseInt(length.group(1))) {
                    return false;
                }
                answer.clear();
                return true;
            }
        }
    }

    /** A file to which one message after the other is appended and forced. */
    final class IntoFile implements Publisher {

        private final FileChannel file;

        IntoFile() throws IOException {
            Path path = Files.createTempFile("load", ".log");
            this.file = FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        }

        @Override
        public void publish(byte[] message) throws IOException {
            ByteBuffer bytes = ByteBuffer.wrap(message);
            do {
                var unused = file.write(bytes);
            } while (bytes.hasRemaining());
            file.force(false);
        }

        @Override
        public long flood(int atOnce, Supplier<byte[]> messages, long endNanos, Histogram answered) throws IOException {
            while (System.nanoTime() < endNanos) {
                long sentNanos = System.nanoTime();
                publish(messages.get());
                answered.recordValue(System.nanoTime() - sentNanos);
            }
            return answered.getTotalCount();
        }
    }
}
