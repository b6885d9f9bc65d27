package io.jenkins.plugins.cvmfs.notify.client.transport;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import javax.net.ServerSocketFactory;

/**
 * A server on a loopback port that runs the test's script for each connection: a fault is a lambda. The
 * n-th connection gets the n-th script; when they run out, the last one is for all that follow.
 */
final class ScriptedServer implements Closeable {

    /** What happens on one connection, on a thread of its own; when it returns, the connection is closed. */
    @FunctionalInterface
    interface Script {
        void serve(ScriptedConnection connection) throws IOException, InterruptedException;
    }

    /** Accepts, and then sends nothing until the client or the test ends the connection. */
    static final Script SILENT = connection -> connection.awaitEnd();

    private final ServerSocket listening;
    private final Deque<Script> scripts = new ArrayDeque<>();
    private final List<ScriptedConnection> connections = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    private ScriptedServer(ServerSocketFactory sockets, Script... scripts) throws IOException {
        this.listening = sockets.createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        this.scripts.addAll(List.of(scripts));
        start("acceptor", this::accept);
    }

    static ScriptedServer start(Script... scripts) throws IOException {
        return new ScriptedServer(ServerSocketFactory.getDefault(), scripts);
    }

    static ScriptedServer startWithTls(ServerSocketFactory sockets, Script... scripts) throws IOException {
        return new ScriptedServer(sockets, scripts);
    }

    /** Answers each request on each connection. */
    static Script answering(Answer answer) {
        return connection -> {
            while (connection.readRequest()) {
                answer.to(connection);
            }
        };
    }

    /** Answers the request just read. */
    @FunctionalInterface
    interface Answer {
        void to(ScriptedConnection connection) throws IOException, InterruptedException;
    }

    int port() {
        return listening.getLocalPort();
    }

    URI url(String path) {
        return URI.create("http://127.0.0.1:%d%s".formatted(port(), path));
    }

    /** All connections so far, also those that have ended. */
    synchronized List<ScriptedConnection> connections() {
        return List.copyOf(connections);
    }

    /** The connection made n-th, from 0. */
    synchronized ScriptedConnection connection(int n) {
        return connections.get(n);
    }

    /** All request lines so far, over all connections, such as {@code GET /a HTTP/1.1}. */
    List<String> requestLines() {
        return connections().stream()
                .flatMap(connection -> connection.requests().stream())
                .map(request -> request.lines().findFirst().orElse(""))
                .toList();
    }

    /** Returns the exceptions of the scripts, except for connections that the client ended. */
    synchronized List<Throwable> failures() {
        return List.copyOf(failures);
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listening.accept();
                ScriptedConnection connection = new ScriptedConnection(socket, closed);
                Script script = register(connection);
                start("connection", () -> serve(connection, script));
            }
        } catch (IOException endOfServer) {
            closed.countDown();
        }
    }

    private synchronized Script register(ScriptedConnection connection) {
        connections.add(connection);
        return scripts.size() > 1 ? scripts.remove() : scripts.element();
    }

    private void serve(ScriptedConnection connection, Script script) {
        try (connection) {
            script.serve(connection);
        } catch (IOException | InterruptedException endOfConnection) {
            connection.noteEnd();
        } catch (RuntimeException | AssertionError e) {
            synchronized (this) {
                failures.add(e);
            }
        }
    }

    private static void start(String role, Runnable task) {
        Thread thread = new Thread(task, "scripted-server-" + role);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        listening.close();
        for (ScriptedConnection connection : connections()) {
            connection.close();
        }
    }
}
