package io.jenkins.plugins.cvmfs.notify.proxy.demo;

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

/**
 * A small signed repository on a stratum 0 and two replicas, all below one folder and behind one web server each path of which is
 * a site.
 */
final class DemoSites implements AutoCloseable {

    static final String PROMPT = "site-a";
    static final String LATE = "site-b";

    private static final String STRATUM_0 = "stratum0";

    private final Path folder;
    private final SampleRepository repository;
    private final HttpServer web;

    /** Makes revision 1 everywhere, and serves it. */
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

    /** Brings a replica up to what the stratum 0 has. */
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
}
