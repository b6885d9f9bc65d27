package io.jenkins.plugins.cvmfs.notify.load.server;

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

/** The least that a server of this kind does, on one thread. */
public final class BareLoop {

    private static final int WAITING_CONNECTIONS = 4096;
    private static final int READ_BUFFER = 1 << 16;

    private final Selector selector = Selector.open();
    private final ServerSocketChannel listening = ServerSocketChannel.open();
    private final List<BareConnection> subscribers = new ArrayList<>();
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
        BareConnection connection = (BareConnection) key.attachment();
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
            key.attach(new BareConnection(this, channel, key));
        }
    }

    private void close(SelectionKey key) {
        subscribers.remove((BareConnection) key.attachment());
        try {
            key.channel().close();
        } catch (IOException e) {
            // It is closed either way.
        }
    }

    /** A subscriber has its answer; the last message follows. */
    void joined(BareConnection subscriber, BareFormat format) throws IOException {
        subscribers.add(subscriber);
        if (lastMessage.length > 0) {
            subscriber.write(format.encode(lastMessage));
        }
    }

    /** Writes a message to every subscriber. */
    void publish(byte[] message) throws IOException {
        lastMessage = message;
        ByteBuffer frame = BareFormat.WEB_SOCKET.encode(message);
        ByteBuffer event = BareFormat.EVENT.encode(message);
        for (BareConnection subscriber : subscribers) {
            ByteBuffer bytes = subscriber.format() == BareFormat.WEB_SOCKET ? frame : event;
            subscriber.write(bytes);
            bytes.rewind();
        }
    }
}
