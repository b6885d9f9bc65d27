package io.jenkins.plugins.cvmfs.notify.load.server;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ThreadLocalRandom;

/** Ports for servers that cannot choose one and report it. Another process could take the port before the server listens. */
public final class Ports {

    private static final int LOWEST = 20_000;
    private static final int BELOW = 32_000;
    private static final int ATTEMPTS = 600;
    private static final int PAUSE_MILLIS = 50;

    private Ports() {}

    /** Returns a port of the loopback interface on which no process listens, outside the range for outgoing connections. */
    public static int free() throws IOException {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, BELOW);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (BindException taken) {
                // Another one, then.
            }
        }
    }

    /**
     * Waits until a process listens.
     *
     * @throws IOException if none does within half a minute
     */
    public static void awaitListening(int port) throws IOException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try {
                SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                        .close();
                return;
            } catch (ConnectException e) {
                pause();
            }
        }
        throw new IOException("no process listens on port " + port);
    }

    /** Sleeps shortly, for callers that poll. */
    public static void pause() throws IOException {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
