package io.jenkins.plugins.cvmfs.notify.proxy.publish;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import io.jenkins.plugins.cvmfs.notify.client.sample.SigningKeys;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A signed repository behind a web server that can be made to wait; notes what is asked of it and how much at a time. */
final class StratumZero implements AutoCloseable {

    /** Making keys takes long; a test that needs strange ones makes its own. */
    static final SigningKeys KEYS = validFromNow();

    final SampleRepository repository;
    final List<String> requests = new CopyOnWriteArrayList<>();
    final AtomicInteger mostAtATime = new AtomicInteger();

    private final AtomicInteger running = new AtomicInteger();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;
    private final Path keyFile;
    private volatile CountDownLatch gate = new CountDownLatch(0);

    private static SigningKeys validFromNow() {
        return SigningKeys.generate("sw.example.org", Clock.systemUTC().instant());
    }

    StratumZero(Path folder, String name, Clock clock) throws IOException {
        repository = SampleRepository.create(
                folder.resolve(name), new RepositoryName(name), HashAlgorithm.SHA1, clock, KEYS);
        keyFile = Files.writeString(folder.resolve("master.pub"), repository.masterKeyPem());
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    /** With the placeholder for the repository's name. */
    String url() {
        return "http://127.0.0.1:%d/@fqrn@".formatted(server.getAddress().getPort());
    }

    Path keyFile() {
        return keyFile;
    }

    /** From now on answers wait for {@link #release()}. */
    void hold() {
        gate = new CountDownLatch(1);
    }

    void release() {
        gate.countDown();
    }

    private void answer(HttpExchange exchange) throws IOException {
        requests.add(exchange.getRequestURI().getPath());
        mostAtATime.accumulateAndGet(running.incrementAndGet(), Math::max);
        try (exchange) {
            gate.await();
            Path file = repository
                    .folder()
                    .getParent()
                    .resolve(exchange.getRequestURI().getPath().substring(1));
            byte[] content = Files.isRegularFile(file) ? Files.readAllBytes(file) : new byte[0];
            running.decrementAndGet();
            exchange.sendResponseHeaders(
                    Files.isRegularFile(file) ? 200 : 404, content.length == 0 ? -1 : content.length);
            exchange.getResponseBody().write(content);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        release();
        server.stop(0);
        threads.shutdownNow();
    }
}
