package io.jenkins.plugins.cvmfs.notify.proxy.history;

import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.AmqpSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The network between one proxy and the nodes of the broker. It forwards TCP connections until it is cut; then nothing passes, not even
 * the end of a connection, and what is on its way waits. Afterwards that arrives late, as after the retransmissions of TCP, or the
 * connections are reset, as by a firewall that has forgotten them.
 */
final class BrokerRelay implements AutoCloseable {

    private static final int BACKLOG = 50;

    private final AmqpSettings amqp;
    private final List<ServerSocket> listening = new ArrayList<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private boolean cut;

    private BrokerRelay(AmqpSettings amqp) {
        this.amqp = amqp;
    }

    /**
     * Listens on the broker's port, on other addresses of the loopback: one for each node.
     *
     * @param proxy the number of the proxy, from 1
     */
    static BrokerRelay before(AmqpSettings amqp, int proxy) throws IOException {
        List<String> nodes = List.of(amqp.host().split(",", -1));
        List<String> addresses = new ArrayList<>();
        for (int node = 1; node <= nodes.size(); node++) {
            addresses.add("127.0.%d.%d".formatted(proxy, node + 1));
        }
        BrokerRelay relay = new BrokerRelay(amqp.at(String.join(",", addresses), amqp.port()));
        for (int i = 0; i < nodes.size(); i++) {
            ServerSocket listening = new ServerSocket();
            relay.listening.add(listening);
            listening.setReuseAddress(true);
            listening.bind(new InetSocketAddress(addresses.get(i), amqp.port()), BACKLOG);
            InetSocketAddress node = new InetSocketAddress(nodes.get(i), amqp.port());
            relay.start(() -> relay.accept(listening, node));
        }
        return relay;
    }

    /** How the proxy reaches the broker. */
    AmqpSettings amqp() {
        return amqp;
    }

    /** Lets nothing pass until it is healed. */
    synchronized void cut() {
        cut = true;
    }

    /** Lets everything pass again, and what waited first. */
    synchronized void heal() {
        cut = false;
        notifyAll();
    }

    /** Lets new connections pass, and resets those that were open. */
    void reset() throws IOException {
        for (Socket socket : List.copyOf(open)) {
            try {
                socket.setSoLinger(true, 0);
            } catch (SocketException closed) {
                // Nothing to reset.
            }
            socket.close();
        }
        heal();
    }

    private synchronized void awaitNetwork() throws InterruptedException {
        while (cut) {
            wait();
        }
    }

    private void accept(ServerSocket from, InetSocketAddress node) throws IOException, InterruptedException {
        while (true) {
            Socket proxy = from.accept();
            open.add(proxy);
            start(() -> connect(proxy, node));
        }
    }

    private void connect(Socket proxy, InetSocketAddress node) throws IOException, InterruptedException {
        awaitNetwork();
        Socket broker = new Socket();
        open.add(broker);
        try {
            broker.connect(node);
        } catch (IOException down) {
            end(proxy, broker);
            return;
        }
        start(() -> forward(broker, proxy));
        forward(proxy, broker);
    }

    private void forward(Socket from, Socket to) throws IOException, InterruptedException {
        byte[] buffer = new byte[16 * 1024];
        try {
            from.setTcpNoDelay(true);
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                awaitNetwork();
                out.write(buffer, 0, length);
            }
        } catch (IOException reset) {
            // The other side notices it as well, once the network is there.
        }
        awaitNetwork();
        end(from, to);
    }

    private void end(Socket... sockets) throws IOException {
        for (Socket socket : sockets) {
            open.remove(socket);
            socket.close();
        }
    }

    private interface Task {
        void run() throws IOException, InterruptedException;
    }

    private void start(Task task) {
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (IOException | InterruptedException closed) {
                        // The end.
                    }
                },
                "broker relay");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        for (ServerSocket each : listening) {
            each.close();
        }
        reset();
    }
}
