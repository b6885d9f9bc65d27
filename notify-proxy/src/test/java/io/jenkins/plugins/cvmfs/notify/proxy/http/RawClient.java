package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;

/** A plain TCP client. A read returns what one system call finds, so that writes of the server can be told apart. */
public final class RawClient implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 20_000;

    private final Socket socket;

    public RawClient(InetSocketAddress address) throws IOException {
        this(address, 0);
    }

    /** @param receiveBuffer how much the kernel may take for a client that does not read, in bytes; 0 for its own choice */
    public RawClient(InetSocketAddress address, int receiveBuffer) throws IOException {
        this(new Socket(), address, receiveBuffer);
    }

    /** @param socket such as one that speaks TLS, to be connected */
    public RawClient(Socket socket, InetSocketAddress address, int receiveBuffer) throws IOException {
        this.socket = socket;
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.setTcpNoDelay(true);
        socket.connect(address);
        socket.setSoTimeout(PATIENCE_MILLIS);
    }

    public RawClient send(String bytes) throws IOException {
        return send(bytes.getBytes(ISO_8859_1));
    }

    public RawClient send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    /** Sends unless the server has closed the connection. */
    public void trySend(String bytes) {
        try {
            send(bytes);
        } catch (IOException closed) {
            // What it was sent for has happened.
        }
    }

    /** What one read brings; empty at the end. */
    public String readOnce() throws IOException {
        byte[] buffer = new byte[1 << 16];
        int length = socket.getInputStream().read(buffer);
        return length < 0 ? "" : new String(buffer, 0, length, ISO_8859_1);
    }

    /** Reads until the text so far ends in these bytes. */
    public String readUntil(String ending) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.length() < ending.length() || text.lastIndexOf(ending) != text.length() - ending.length()) {
            String more = readOnce();
            if (more.isEmpty()) {
                throw new IOException("the connection ended after: " + text);
            }
            text.append(more);
        }
        return text.toString();
    }

    /** Reads to a clean end. */
    public String readToEnd() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        InputStream in = socket.getInputStream();
        in.transferTo(all);
        return all.toString(ISO_8859_1);
    }

    public void closeOutput() throws IOException {
        socket.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
