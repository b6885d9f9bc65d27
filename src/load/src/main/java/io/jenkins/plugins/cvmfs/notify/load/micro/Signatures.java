package io.jenkins.plugins.cvmfs.notify.load.micro;

import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import io.jenkins.plugins.cvmfs.notify.client.trust.Blacklist;
import io.jenkins.plugins.cvmfs.notify.client.trust.ManifestVerifier;
import io.jenkins.plugins.cvmfs.notify.client.trust.MasterKeys;
import io.jenkins.plugins.cvmfs.notify.client.trust.TrustSource;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Whether to believe a manifest: two RSA signatures and a certificate; the files are in memory. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@SuppressWarnings("NullAway.Init") // JMH sets up.
public class Signatures {

    private final RepositoryName name = new RepositoryName("bench.example.org");
    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    private ManifestVerifier verifier;
    private byte[] published;
    private TrustSource source;

    @Setup
    public void makeRepository() throws IOException {
        Path folder = Files.createTempDirectory("load-signatures");
        SampleRepository repository = SampleRepository.create(folder, name, HashAlgorithm.SHA1, Clock.systemUTC());
        published = repository.manifestBytes();
        verifier =
                new ManifestVerifier(MasterKeys.parse(repository.masterKeyPem()), Blacklist.EMPTY, Clock.systemUTC());
        source = (path, maxBytes) -> files.computeIfAbsent(path, file -> read(folder.resolve(file)));
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Benchmark
    public Verdict verify() {
        return verifier.verify(name, published, source);
    }
}
