package io.jenkins.plugins.cvmfs.notify.proxy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A port for a program that must be told one. It lies below those that the system hands out by itself, so that no connection of
 * another program takes it before this one listens, or while this one is being restarted.
 */
public final class FreePort {

    private static final int LOWEST = 15_000;
    private static final int ABOVE = 32_000;
    private static final int ATTEMPTS = 1_000;

    private FreePort() {}

    /** Free now, and not given to anybody by the system. */
    public static int find() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, ABOVE);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException taken) {
                // The next one.
            }
        }
        throw new IllegalStateException("no port from %d to %d is free".formatted(LOWEST, ABOVE));
    }
}
