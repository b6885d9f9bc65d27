package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** One address for several proxies, as a load balancer has: each connection goes to the next of them that accepts it. */
final class Balancer implements AutoCloseable {

    private final ServerSocket listening;
    private final List<InetSocketAddress> proxies;
    private final AtomicInteger next = new AtomicInteger();

    private Balancer(ServerSocket listening, List<InetSocketAddress> proxies) {
        this.listening = listening;
        this.proxies = proxies;
    }

    static Balancer before(List<URI> proxies) throws IOException {
        Balancer balancer = new Balancer(
                new ServerSocket(0, 100, InetAddress.getLoopbackAddress()),
                proxies.stream()
                        .map(uri -> new InetSocketAddress(uri.getHost(), uri.getPort()))
                        .toList());
        start(balancer::accept);
        return balancer;
    }

    /** The base URL for publishers and subscribers. */
    String server() {
        return "http://127.0.0.1:%d/api/v1".formatted(listening.getLocalPort());
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                start(() -> connect(client));
            }
        } catch (IOException closed) {
            // The end.
        }
    }

    private void connect(Socket client) {
        for (int attempt = 0; attempt < proxies.size(); attempt++) {
            Socket proxy = new Socket();
            try {
                proxy.connect(proxies.get(next.getAndIncrement() % proxies.size()));
                start(() -> pass(client, proxy));
                pass(proxy, client);
                return;
            } catch (IOException dead) {
                close(proxy);
            }
        }
        close(client);
    }

    /** Passes on what comes until one of them ends; then both do. */
    private static void pass(Socket from, Socket to) {
        byte[] buffer = new byte[8192];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                to.getOutputStream().write(buffer, 0, length);
            }
        } catch (IOException ended) {
            // As good an end as any.
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "balancer");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
