package io.jenkins.plugins.cvmfs.notify.load.generator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.function.Function;

/** One keep-alive connection for publishing, one request at a time. */
final class PublishConnection implements AutoCloseable {

    private final ByteChannel channel;
    private final AnswerReader answer = new AnswerReader();

    private PublishConnection(ByteChannel channel) {
        this.channel = channel;
    }

    static PublishConnection blocking(Order.Target target) throws IOException {
        return new PublishConnection(open(target));
    }

    /** One that tells this selector when there is something to read. */
    static PublishConnection selected(Order.Target target, Selector selector, Function<PublishConnection, ?> attachment)
            throws IOException {
        SocketChannel channel = open(target);
        channel.configureBlocking(false);
        PublishConnection connection = new PublishConnection(channel);
        channel.register(selector, SelectionKey.OP_READ, attachment.apply(connection));
        return connection;
    }

    private static SocketChannel open(Order.Target target) throws IOException {
        SocketChannel channel =
                SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), target.port()));
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        return channel;
    }

    /** Sends a request; the answer is to be read before the next. */
    void send(byte[] request) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(request);
        do {
            var unused = channel.write(bytes);
        } while (bytes.hasRemaining());
    }

    /** Reads what is there, or waits for it; true once the answer is whole. */
    boolean readAnswer() throws IOException {
        if (!answer.readFrom(channel)) {
            return false;
        }
        answer.requireSuccess();
        return true;
    }

    /** Waits for the answer. */
    void awaitAnswer() throws IOException {
        while (!readAnswer()) {
            // The channel blocks.
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** An answer with a Content-Length. */
    private static final class AnswerReader {

        private final ByteBuffer bytes = ByteBuffer.allocate(8192);
        private String text = "";

        boolean readFrom(ByteChannel channel) throws IOException {
            if (channel.read(bytes) < 0) {
                throw new EOFException("the server ended the publisher's connection");
            }
            text = new String(bytes.array(), 0, bytes.position(), ISO_8859_1);
            int headEnd = text.indexOf("\r\n\r\n");
            if (headEnd < 0 || bytes.position() < headEnd + 4 + contentLength(headEnd)) {
                return false;
            }
            bytes.clear();
            return true;
        }

        private int contentLength(int headEnd) throws IOException {
            String name = "content-length:";
            int at = text.toLowerCase(java.util.Locale.ROOT).indexOf(name);
            if (at < 0 || at > headEnd) {
                throw new IOException("a publish was answered without a length: " + text.substring(0, headEnd));
            }
            return Integer.parseInt(
                    text.substring(at + name.length(), text.indexOf("\r\n", at)).strip());
        }

        void requireSuccess() throws IOException {
            if (!text.startsWith("HTTP/1.1 2")) {
                throw new IOException("a publish was answered " + text);
            }
        }
    }
}
