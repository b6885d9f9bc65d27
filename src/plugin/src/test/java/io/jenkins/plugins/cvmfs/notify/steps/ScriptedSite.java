package io.jenkins.plugins.cvmfs.notify.steps;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import io.jenkins.plugins.cvmfs.notify.config.ConfiguredSites;
import io.jenkins.plugins.cvmfs.notify.config.RepositoryEntry;
import io.jenkins.plugins.cvmfs.notify.config.ServerEntry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/** A web server that serves a real signed repository as its stratum 0, and takes announcements, both as the test says. */
final class ScriptedSite implements AutoCloseable {

    /** The announcements. */
    final List<byte[]> taken = new CopyOnWriteArrayList<>();
    /** Statuses with which the next announcements are refused. */
    final Queue<Integer> refusals = new ConcurrentLinkedQueue<>();
    /** Statuses with which the next questions to the stratum 0 are refused. */
    final Queue<Integer> outages = new ConcurrentLinkedQueue<>();

    final RepositoryEntry entry = new RepositoryEntry("sw.example.org");
    final SampleRepository repository;

    private final Path folder;
    private final HttpServer web;

    ScriptedSite(Path folder, Clock clock) throws IOException {
        this.folder = folder;
        repository = SampleRepository.create(
                folder.resolve("zero"), new RepositoryName("sw.example.org"), HashAlgorithm.SHA1, clock);
        web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        web.createContext("/", this::serve);
        web.createContext("/api/v1/publish", this::take);
        web.start();
        entry.setStratum0(url("zero"));
        entry.setMasterKeys(repository.masterKeyPem());
    }

    String url(String path) {
        return "http://127.0.0.1:%d/%s".formatted(web.getAddress().getPort(), path);
    }

    ConfiguredSites sites() {
        return sites(false);
    }

    ConfiguredSites sites(boolean urlsInPipelines) {
        return new ConfiguredSites(List.of(new ServerEntry("main", url("api/v1"))), List.of(entry), urlsInPipelines);
    }

    private void serve(HttpExchange exchange) throws IOException {
        Path file = folder.resolve(exchange.getRequestURI().getPath().substring(1));
        Integer outage = outages.poll();
        if (outage == null && Files.isRegularFile(file)) {
            answer(exchange, 200, Files.readAllBytes(file));
        } else {
            answer(exchange, outage == null ? 404 : outage, "not here".getBytes(UTF_8));
        }
    }

    private void take(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        Integer refusal = refusals.poll();
        if (refusal == null) {
            taken.add(body);
            answer(exchange, 200, "{\"status\":\"ok\"}".getBytes(UTF_8));
        } else {
            exchange.getResponseHeaders().set("Retry-After", "0");
            answer(exchange, refusal, "{\"reason\":\"busy\",\"status\":\"error\"}".getBytes(UTF_8));
        }
    }

    private static void answer(HttpExchange exchange, int status, byte[] bytes) throws IOException {
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        web.stop(0);
    }
}
