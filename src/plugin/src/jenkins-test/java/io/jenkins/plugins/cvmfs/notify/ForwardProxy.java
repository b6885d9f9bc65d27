package io.jenkins.plugins.cvmfs.notify;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A small HTTP proxy that keeps the head of each request, and forwards to servers that exist only by the names it knows. Tunnels
 * what asks for it; of other connections it takes one request each.
 */
final class ForwardProxy implements AutoCloseable {

    /** Each request's lines up to the empty one, in the order in which they came. */
    final List<String> heads = new CopyOnWriteArrayList<>();

    private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final Map<String, URI> servers;
    private final String login;

    /**
     * Stands before the site, whose web server is called {@code cvmfs.invalid} here, its proxy {@code notify.invalid} and
     * {@code team.invalid}.
     *
     * @param login user and password with a colon between them; empty to let everybody through
     */
    ForwardProxy(Site site, String login) throws IOException {
        this.servers = Map.of(
                "cvmfs.invalid", URI.create(site.url("zero")),
                "notify.invalid", URI.create(site.proxyUrl()),
                "team.invalid", URI.create(site.proxyUrl()));
        this.login = Base64.getEncoder().encodeToString(login.getBytes(ISO_8859_1));
        threads.execute(this::accept);
    }

    /** The site as Jenkins sees it from behind this proxy. */
    static SiteConfiguration behind(Site site) {
        return site.configuration()
                .by(url -> url.replaceFirst(
                        "127.0.0.1:[0-9]+", url.contains("/api/") ? "notify.invalid" : "cvmfs.invalid"));
    }

    int port() {
        return listening.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                open.add(client);
                threads.execute(() -> serve(client));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serve(Socket client) {
        try (client) {
            String head = head(client.getInputStream());
            heads.add(head);
            String[] request = head.split("[ \r]", 4);
            if (!login.isEmpty() && !head.contains("Proxy-Authorization: Basic " + login)) {
                write(
                        client,
                        "HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm=\"farm\"\r\n"
                                + "Content-Length: 0\r\nConnection: close\r\n\r\n");
            } else if (request[0].equals("CONNECT")) {
                try (Socket server = connect(request[1].replaceAll(":.*", ""))) {
                    write(client, "HTTP/1.1 200 Connected\r\n\r\n");
                    pump(client, server);
                }
            } else {
                forward(client, head, request);
            }
        } catch (IOException e) {
            // One of the two hung up.
        }
    }

    private void forward(Socket client, String head, String[] request) throws IOException {
        URI target = URI.create(request[1]);
        try (Socket server = connect(target.getHost())) {
            String path = target.getRawPath() + (target.getRawQuery() == null ? "" : "?" + target.getRawQuery());
            String rest =
                    head.substring(head.indexOf("\r\n")).replaceAll("(?i)\r\n(proxy-[^\r]*|connection:[^\r]*)", "");
            write(server, request[0] + " " + path + " HTTP/1.1" + rest + "\r\nConnection: close\r\n\r\n");
            pump(client, server);
        }
    }

    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("no request");
            }
            head.write(next);
        }
        return head.toString(ISO_8859_1).strip();
    }

    private Socket connect(String name) throws IOException {
        URI server = servers.get(name);
        if (server == null) {
            throw new IOException("no server is called " + name);
        }
        Socket socket = new Socket(server.getHost(), server.getPort());
        open.add(socket);
        return socket;
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    }

    /** Both ways, until the server has said all. */
    private void pump(Socket client, Socket server) throws IOException {
        threads.execute(() -> {
            try {
                copy(client.getInputStream(), server.getOutputStream());
            } catch (IOException e) {
                // One of the two hung up.
            }
        });
        copy(server.getInputStream(), client.getOutputStream());
    }

    private static void copy(InputStream in, OutputStream out) throws IOException {
        in.transferTo(out);
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Socket socket : open) {
            socket.close();
        }
        threads.shutdownNow();
    }
}
