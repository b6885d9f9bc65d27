package io.jenkins.plugins.cvmfs.notify;

import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.PublisherSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A small CVMFS site that is really there: repositories on a stratum 0 and on replicas, all served over HTTP, and a notify-proxy
 * in a process of its own.
 */
final class Site implements AutoCloseable {

    static final String REPOSITORY = "sw.example.org";

    private final List<String> replicas;
    private final Map<String, SampleRepository> repositories = new LinkedHashMap<>();
    private final FolderServer web;
    private final Path folder;
    private final ProxyProcess proxy;

    /** One repository and the replicas {@code site-a} and {@code site-b}, which have its first revision. */
    Site(Path folder) throws IOException {
        this(folder, List.of("site-a", "site-b"), List.of(REPOSITORY));
    }

    /** The same with other names. */
    Site(Path folder, List<String> replicas, List<String> names) throws IOException {
        this(folder, replicas, names, List.of());
    }

    /** The same with further options of the proxy's command line. */
    Site(Path folder, List<String> replicas, List<String> names, List<String> options) throws IOException {
        this.folder = folder;
        this.replicas = replicas;
        for (String name : names) {
            Path root = folder.resolve("zero").resolve(name);
            repositories.put(
                    name,
                    SampleRepository.create(root, new RepositoryName(name), HashAlgorithm.SHA1, Clock.systemUTC()));
            replicas.forEach(replica -> replicate(name, replica));
        }
        this.web = new FolderServer(folder);
        this.proxy = new ProxyProcess(folder, options);
        proxy.start();
    }

    /** Publishes the next revision on the stratum 0, and announces nothing. */
    long publish() {
        return publish(REPOSITORY);
    }

    long publish(String repository) {
        return repositories.get(repository).publish().revision().bits();
    }

    /** Brings the replica up to the stratum 0. */
    void replicate(String replica) {
        replicate(REPOSITORY, replica);
    }

    void replicate(String repository, String replica) {
        repositories.get(repository).snapshotTo(folder.resolve(replica).resolve(repository));
    }

    void replicateEverywhere() {
        replicas.forEach(this::replicate);
    }

    /** Where the repository is on the stratum 0, which is called {@code zero}, or on a replica. */
    String url(String place) {
        return url(place, REPOSITORY);
    }

    private String url(String place, String repository) {
        return web.url() + "/" + place + "/" + repository;
    }

    String proxyUrl() {
        return proxy.url() + "/api/v1";
    }

    String rootHash() {
        return repositories.get(REPOSITORY).manifest().rootCatalog().toString();
    }

    byte[] manifest() {
        return repositories.get(REPOSITORY).manifestBytes();
    }

    /** Announces it past Jenkins, as any other publisher may. */
    void announce(byte[] manifest) {
        try (Network network = Network.builder().build()) {
            network.publisher(PublisherSettings.of(NotificationServer.parse(proxyUrl())))
                    .publish(ActivityMessage.announce(manifest, Instant.now()))
                    .join();
        }
    }

    /** Starts the proxy, on the port it had before. */
    void startProxy() throws IOException {
        proxy.start();
    }

    void stopProxy() throws InterruptedException {
        proxy.stop();
    }

    /** How many requests the stratum 0 and the replicas got, all together. */
    int requests() {
        return web.requests();
    }

    /** How many subscribers the proxy itself counts. */
    int subscribers() throws Exception {
        return proxy.subscribers();
    }

    /** What Jenkins is to be told. */
    SiteConfiguration configuration() {
        return new SiteConfiguration(
                proxyUrl(), repositories.keySet().stream().map(this::repository).toList());
    }

    private SiteConfiguration.Repository repository(String name) {
        Map<String, String> urls = new LinkedHashMap<>();
        replicas.forEach(replica -> urls.put(replica, url(replica, name)));
        return new SiteConfiguration.Repository(
                name, url("zero", name), urls, repositories.get(name).masterKeyPem());
    }

    @Override
    public void close() throws InterruptedException {
        web.close();
        proxy.stop();
    }
}
