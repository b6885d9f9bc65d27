package io.jenkins.plugins.cvmfs.notify.proxy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** Serves a repository's folder with the headers that Apache sends for CernVM-FS: caches keep a manifest for 61 s. */
public final class Stratum1 implements AutoCloseable {

    private final HttpServer server;
    private final Path folder;
    private final AtomicInteger requests = new AtomicInteger();

    private Stratum1(HttpServer server, Path folder) {
        this.server = server;
        this.folder = folder;
    }

    /** Serves what the folder holds at each moment. */
    public static Stratum1 start(Path folder) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        Stratum1 stratum1 = new Stratum1(server, folder);
        server.createContext("/cvmfs/repository/", stratum1::serve);
        server.start();
        return stratum1;
    }

    /** The URL of the repository. */
    public String url() {
        return "http://127.0.0.1:%d/cvmfs/repository"
                .formatted(server.getAddress().getPort());
    }

    /** The number of requests so far. */
    public int requests() {
        return requests.get();
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            requests.incrementAndGet();
            Path file = folder.resolve(exchange.getRequestURI().getPath().substring("/cvmfs/repository/".length()));
            if (!Files.isRegularFile(file)) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            byte[] content = Files.readAllBytes(file);
            exchange.getResponseHeaders().set("Cache-Control", "max-age=61");
            exchange.getResponseHeaders().set("Content-Type", "application/x-cvmfs");
            boolean isHead = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(200, isHead ? -1 : content.length);
            if (!isHead) {
                exchange.getResponseBody().write(content);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
