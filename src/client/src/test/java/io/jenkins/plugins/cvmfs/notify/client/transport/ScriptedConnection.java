package io.jenkins.plugins.cvmfs.notify.client.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The server's end of one connection: reads requests, writes what the script says, valid or not. */
final class ScriptedConnection implements Closeable {

    private static final Pattern CONTENT_LENGTH = Pattern.compile("(?im)^content-length: *(\\d+)");

    private final Socket socket;
    private final DataInputStream in;
    private final CountDownLatch serverClosed;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final List<String> requests = new ArrayList<>();

    ScriptedConnection(Socket socket, CountDownLatch serverClosed) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        this.serverClosed = serverClosed;
    }

    DataInputStream in() {
        return in;
    }

    /** Reads one request, head and body; false if the client has ended the connection. */
    boolean readRequest() throws IOException {
        StringBuilder request = new StringBuilder();
        while (request.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                noteEnd();
                return false;
            }
            request.append((char) next);
        }
        Matcher length = CONTENT_LENGTH.matcher(request);
        if (length.find()) {
            request.append(new String(in.readNBytes(Integer.parseInt(length.group(1))), ISO_8859_1));
        }
        synchronized (requests) {
            requests.add(request.toString());
        }
        return true;
    }

    /** The requests so far, head and body. */
    List<String> requests() {
        synchronized (requests) {
            return List.copyOf(requests);
        }
    }

    /** The request read last. */
    String request() {
        List<String> all = requests();
        return all.get(all.size() - 1);
    }

    /** The target of the request read last, such as {@code /api/v1/publish}. */
    String target() {
        return request().split(" ", 3)[1];
    }

    /** A header of the request read last; empty text if it has none. */
    String header(String name) {
        Matcher header = Pattern.compile("(?im)^" + Pattern.quote(name) + ": *(.*?)\\r?$")
                .matcher(request());
        return header.find() ? header.group(1) : "";
    }

    void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    void write(String text) throws IOException {
        write(text.getBytes(UTF_8));
    }

    /** Writes a whole answer with Content-Length; header lines without line breaks. */
    void answer(int status, byte[] body, String... headers) throws IOException {
        StringBuilder head = new StringBuilder("HTTP/1.1 %d Scripted\r\n".formatted(status));
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        head.append("Content-Length: ").append(body.length).append("\r\n\r\n");
        write(head.toString());
        write(body);
    }

    void answer(int status, String body, String... headers) throws IOException {
        answer(status, body.getBytes(UTF_8), headers);
    }

    /** Ends with RST, as a crashed machine or a firewall does. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** Waits, reading and dropping, until the client ends the connection or the server is closed. */
    void awaitEnd() throws InterruptedException {
        try {
            while (in.read() >= 0) {
                // dropped
            }
        } catch (IOException reset) {
            // an end as good as any
        }
        noteEnd();
    }

    /** Holds the connection open without reading until the server is closed. */
    void awaitServerClosed() throws InterruptedException {
        serverClosed.await();
    }

    void noteEnd() {
        ended.countDown();
    }

    /** Returns true if the script has seen the client end the connection. */
    boolean isEnded() {
        return ended.getCount() == 0;
    }

    int read() throws IOException {
        int next = in.read();
        if (next < 0) {
            noteEnd();
            throw new EOFException("the client has ended the connection");
        }
        return next;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
