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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One keep-alive connection for publishing, one request at a time. */
final class PublishConnection implements AutoCloseable {

    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *([0-9]+)");

    private final ByteChannel channel;
    private final ByteBuffer answer = ByteBuffer.allocate(8192);

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
}
