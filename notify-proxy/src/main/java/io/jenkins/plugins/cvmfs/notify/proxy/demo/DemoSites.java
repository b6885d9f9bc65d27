package io.jenkins.plugins.cvmfs.notify.proxy.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/** A small signed repository on a stratum 0 and two replicas, in one folder and behind one web server; each top-level path is a site. */
final class DemoSites implements AutoCloseable {

    static final String PROMPT = "site-a";
    static final String LATE = "site-b";

    private static final String STRATUM_0 = "stratum0";

    private final Path folder;
    private final SampleRepository repository;
    private final HttpServer web;

    /** Creates revision 1 on all sites, and serves it. */
    DemoSites(Path folder, RepositoryName name, Clock clock) throws IOException {
        this.folder = folder;
        this.repository = SampleRepository.create(folder.resolve(STRATUM_0), name, HashAlgorithm.SHA1, clock);
        Files.writeString(folder.resolve(name + ".pub"), repository.masterKeyPem());
        snapshot(PROMPT);
        snapshot(LATE);
        this.web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        web.createContext("/", new SiteHandler(folder));
        web.start();
    }

    SampleRepository repository() {
        return repository;
    }

    /** Copies the stratum 0 to a replica. */
    void snapshot(String replica) {
        repository.snapshotTo(folder.resolve(replica));
    }

    RepositoryLocation stratum0() {
        return RepositoryLocation.parse(url(STRATUM_0));
    }

    List<Replica> replicas() {
        return List.of(new Replica(PROMPT, url(PROMPT)), new Replica(LATE, url(LATE)));
    }

    private String url(String site) {
        return "http://127.0.0.1:%d/%s".formatted(web.getAddress().getPort(), site);
    }

    @Override
    public void close() {
        web.stop(0);
    }

    /** Serves the files below a folder like the web server of a stratum: GET and HEAD, with an entity tag. */
    private static final class SiteHandler implements HttpHandler {

        private final Path root;

        SiteHandler(Path root) {
            this.root = root.toAbsolutePath().normalize();
        }

        @Override
        public void handle(HttpExchange exchange) throws IOException {
            try (exchange) {
                Path file =
                        root.resolve("." + exchange.getRequestURI().getPath()).normalize();
                if (!file.startsWith(root) || !Files.isRegularFile(file)) {
                    exchange.sendResponseHeaders(404, -1);
                    return;
                }
                byte[] content = Files.readAllBytes(file);
                String tag = "\"%x-%x\""
                        .formatted(
                                content.length, Files.getLastModifiedTime(file).toMillis());
                exchange.getResponseHeaders().set("ETag", tag);
                if (tag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
                    exchange.sendResponseHeaders(304, -1);
                } else if ("HEAD".equals(exchange.getRequestMethod())) {
                    exchange.getResponseHeaders().set("Content-Length", String.valueOf(content.length));
                    exchange.sendResponseHeaders(200, -1);
                } else {
                    exchange.sendResponseHeaders(200, content.length);
                    exchange.getResponseBody().write(content);
                }
            }
        }
    }
}
