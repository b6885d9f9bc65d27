package io.jenkins.plugins.cvmfs.notify;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import io.jenkins.plugins.cvmfs.notify.config.CvmfsNotifyConfiguration;
import io.jenkins.plugins.cvmfs.notify.config.ReplicaEntry;
import io.jenkins.plugins.cvmfs.notify.config.RepositoryEntry;
import io.jenkins.plugins.cvmfs.notify.config.ServerEntry;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A small CVMFS site that is really there: repository {@code sw.example.org} on a stratum 0 and the replicas {@code site-a} and
 * {@code site-b}, all served over HTTP, and a notify-proxy in a process of its own.
 */
final class Site implements AutoCloseable {

    static final String REPOSITORY = "sw.example.org";

    private final Path folder;
    private final SampleRepository repository;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer web;
    private Process proxy;
    private int proxyPort;

    Site(Path folder) throws IOException {
        this.folder = folder;
        this.repository = SampleRepository.create(
                folder.resolve("zero"), new RepositoryName(REPOSITORY), HashAlgorithm.SHA1, Clock.systemUTC());
        this.web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        web.setExecutor(threads);
        web.createContext("/", this::serve);
        web.start();
        replicate("site-a");
        replicate("site-b");
        startProxy();
    }

    private void serve(HttpExchange exchange) throws IOException {
        Path file = folder.resolve(exchange.getRequestURI().getPath().substring(1)).normalize();
        try (exchange) {
            if (!file.startsWith(folder) || !Files.isRegularFile(file)) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            byte[] bytes = Files.readAllBytes(file);
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(200, head ? -1 : bytes.length);
            if (!head) {
                exchange.getResponseBody().write(bytes);
            }
        }
    }

    /** Publishes the next revision on the stratum 0, and announces nothing. */
    long publish() {
        return repository.publish().revision().bits();
    }

    /** Brings the replica up to the stratum 0. */
    void replicate(String replica) {
        repository.snapshotTo(folder.resolve(replica));
    }

    String url(String place) {
        return "http://127.0.0.1:" + web.getAddress().getPort() + "/" + place;
    }

    String proxyUrl() {
        return "http://127.0.0.1:" + proxyPort + "/api/v1";
    }

    String masterKey() {
        return repository.masterKeyPem();
    }

    byte[] manifest() {
        return repository.manifestBytes();
    }

    /** Starts the proxy, on the port it had before. */
    void startProxy() throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        proxy = new ProcessBuilder(
                        java,
                        "-jar",
                        System.getProperty("notify-proxy.jar"),
                        "serve",
                        "--standalone",
                        "--bind",
                        "127.0.0.1",
                        "--port",
                        Integer.toString(proxyPort),
                        "--state-dir",
                        folder.resolve("state").toString())
                .redirectError(new File(folder.toFile(), "proxy.log"))
                .start();
        BufferedReader out = proxy.inputReader();
        String line = out.readLine();
        if (line == null || !line.startsWith("listening on http://")) {
            throw new IOException("the proxy does not start: " + line + "\n"
                    + Files.readString(folder.resolve("proxy.log")));
        }
        proxyPort = Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
    }

    void stopProxy() throws InterruptedException {
        proxy.destroyForcibly().waitFor();
    }

    /** Tells this Jenkins all about it. */
    void configure() {
        configure(proxyUrl(), url("zero"), url("site-a"), url("site-b"), masterKey());
    }

    /** The same, where the site itself is in another process. */
    static void configure(String proxyUrl, String zero, String siteA, String siteB, String masterKey) {
        RepositoryEntry entry = new RepositoryEntry(REPOSITORY);
        entry.setStratum0(zero);
        entry.setReplicas(List.of(new ReplicaEntry("site-a", siteA), new ReplicaEntry("site-b", siteB)));
        entry.setMasterKeys(masterKey);
        CvmfsNotifyConfiguration configuration = CvmfsNotifyConfiguration.get();
        configuration.setServers(List.of(new ServerEntry("main", proxyUrl)));
        configuration.setRepositories(List.of(entry));
    }

    @Override
    public void close() throws InterruptedException {
        web.stop(0);
        threads.shutdownNow();
        stopProxy();
    }
}
