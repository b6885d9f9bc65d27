package io.jenkins.plugins.cvmfs.notify.load.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jenkins.plugins.cvmfs.notify.load.generator.Dialect;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The least that a server of this kind does, on one thread. */
public final class BareLoop {

    private static final int WAITING_CONNECTIONS = 4096;
    private static final int READ_BUFFER = 1 << 16;

    private final Selector selector = Selector.open();
    private final ServerSocketChannel listening = ServerSocketChannel.open();
    private final List<Subscription> subscribers = new ArrayList<>();
    private final ByteBuffer readBuffer = ByteBuffer.allocateDirect(READ_BUFFER);
    private byte[] lastMessage = {};

    /** Listens on a free port of the loopback interface. */
    public BareLoop() throws IOException {
        listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), WAITING_CONNECTIONS);
        listening.configureBlocking(false);
        listening.register(selector, SelectionKey.OP_ACCEPT);
    }

    public int port() {
        return listening.socket().getLocalPort();
    }

    /** Serves for ever. */
    public void run() throws IOException {
        while (true) {
            selector.select(this::ready);
        }
    }

    private void ready(SelectionKey key) {
        Subscription connection = (Subscription) key.attachment();
        try {
            if (connection == null) {
                accept();
            } else if (key.isWritable()) {
                connection.writePending();
            } else {
                connection.read(readBuffer);
            }
        } catch (IOException e) {
            close(key);
        }
    }

    private void accept() throws IOException {
        SocketChannel channel;
        while ((channel = listening.accept()) != null) {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
            key.attach(new Subscription(this, channel, key));
        }
    }

    private void close(SelectionKey key) {
        subscribers.remove((Subscription) key.attachment());
        try {
            key.channel().close();
        } catch (IOException e) {
            // It is closed either way.
        }
    }

    /** A subscriber has its answer; the last message follows. */
    void joined(Subscription subscriber) throws IOException {
        subscribers.add(subscriber);
        if (lastMessage.length > 0) {
            subscriber.write(frame(lastMessage));
        }
    }

    /** Writes a message to every subscriber. */
    void publish(byte[] message) throws IOException {
        lastMessage = message;
        ByteBuffer frame = frame(message);
        for (Subscription subscriber : subscribers) {
            subscriber.write(frame);
            frame.rewind();
        }
    }

    /** One connection of the bare loop: a publisher until it asks to subscribe. */
    private static final class Subscription {

        /** Answers the key that all subscribers of this program send. */
        private static final byte[] SUBSCRIBED =
                ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
                        .getBytes(US_ASCII);

        private static final byte[] PUBLISHED =
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"status\":\"ok\"}"
                        .getBytes(US_ASCII);

        private static final Pattern LENGTH = Pattern.compile("\r\nContent-Length: ([0-9]+)");

        private final BareLoop loop;
        private final SocketChannel channel;
        private final SelectionKey key;
        private String request = "";
        private boolean subscribed;
        private @Nullable ByteBuffer pending;

        Subscription(BareLoop loop, SocketChannel channel, SelectionKey key) {
            this.loop = loop;
            this.channel = channel;
            this.key = key;
        }

        void read(ByteBuffer buffer) throws IOException {
            buffer.clear();
            if (channel.read(buffer) < 0) {
                throw new EOFException();
            }
            if (subscribed) {
                // Bytes from a subscriber are ignored.
                return;
            }
            byte[] bytes = new byte[buffer.flip().remaining()];
            buffer.get(bytes);
            request += new String(bytes, ISO_8859_1);
            int headEnd = request.indexOf("\r\n\r\n") + 4;
            if (headEnd > 4 && request.length() >= headEnd + contentLength()) {
                handle(headEnd);
                request = "";
            }
        }

        private int contentLength() {
            Matcher length = LENGTH.matcher(request);
            return length.find() ? Integer.parseInt(length.group(1)) : 0;
        }

        private void handle(int headEnd) throws IOException {
            if (request.startsWith("POST ")) {
                loop.publish(request.substring(headEnd).getBytes(ISO_8859_1));
                write(ByteBuffer.wrap(PUBLISHED));
                return;
            }
            subscribed = true;
            write(ByteBuffer.wrap(SUBSCRIBED));
            loop.joined(this);
        }

        /** Writes what the socket takes; of what it does not take, the rest of the first message waits, later ones are dropped. */
        void write(ByteBuffer bytes) throws IOException {
            if (pending != null) {
                return;
            }
            var unused = channel.write(bytes);
            if (bytes.hasRemaining()) {
                pending = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
                key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
            }
        }

        void writePending() throws IOException {
            if (pending != null) {
                var unused = channel.write(pending);
                if (pending.hasRemaining()) {
                    return;
                }
                pending = null;
            }
            key.interestOps(SelectionKey.OP_READ);
        }
    }

    /** Encodes a message of 126 to 65,535 bytes as one binary frame, in a buffer ready to be written. */
    private static ByteBuffer frame(byte[] message) {
        return ByteBuffer.allocateDirect(message.length + 4)
                .put((byte) 0x82)
                .put((byte) 126)
                .putShort((short) message.length)
                .put(message)
                .flip();
    }

    /** The {@link BareLoop} as a process. */
    public static final class Kind implements Server.Kind {

        /** The name in the tables. */
        public static final String TITLE = "bare loop";

        private static final List<String> FLAGS = List.of("-XX:+UseSerialGC", "-Xmx64m");

        @Override
        public String title() {
            return TITLE;
        }

        @Override
        public String durability() {
            return "none";
        }

        @Override
        public Server start() throws IOException {
            ChildProcess process = ChildProcess.load(FLAGS, "bare-loop");
            int port = Integer.parseInt(process.readLine(Server.LONGEST_START));
            return Server.alone(process, port, Dialect.NOTIFY);
        }
    }
}
