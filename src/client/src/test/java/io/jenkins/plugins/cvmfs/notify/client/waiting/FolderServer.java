package io.jenkins.plugins.cvmfs.notify.client.waiting;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A web server for a folder, with entity tags as a stratum 1 has them. */
final class FolderServer implements AutoCloseable {

    private final HttpServer server;
    private final Path folder;
    private final List<String> log = new CopyOnWriteArrayList<>();

    FolderServer(Path folder) throws IOException {
        this.folder = folder;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    /** Where the folder with this name below the server's can be read. */
    String url(String name) {
        return "http://127.0.0.1:%d/%s".formatted(server.getAddress().getPort(), name);
    }

    /** One line a request: method, path and status. */
    List<String> log() {
        return List.copyOf(log);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            Path file = folder.resolve(exchange.getRequestURI().getPath().substring(1));
            byte[] content = Files.isRegularFile(file) ? Files.readAllBytes(file) : new byte[0];
            String tag = '"' + ContentHash.of(HashAlgorithm.SHA1, content).hex() + '"';
            int status = !Files.isRegularFile(file)
                    ? 404
                    : tag.equals(exchange.getRequestHeaders().getFirst("If-None-Match")) ? 304 : 200;
            log.add(exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath() + " " + status);
            exchange.getResponseHeaders().set("ETag", tag);
            boolean body = status == 200 && exchange.getRequestMethod().equals("GET");
            exchange.sendResponseHeaders(status, body ? content.length : -1);
            if (body) {
                exchange.getResponseBody().write(content);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
