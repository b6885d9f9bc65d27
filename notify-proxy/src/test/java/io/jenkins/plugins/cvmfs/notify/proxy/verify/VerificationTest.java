package io.jenkins.plugins.cvmfs.notify.proxy.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.trust.Blacklist;
import io.jenkins.plugins.cvmfs.notify.client.trust.ManifestVerifier;
import io.jenkins.plugins.cvmfs.notify.client.trust.MasterKeys;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.VerificationPolicy.Rule;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerificationTest {

    @TempDir
    Path folder;

    @Test
    void anErrorOnItsThreadCompletesItExceptionally() throws IOException {
        RepositoryName name = new RepositoryName("sw.example.org");
        SampleRepository repository = SampleRepository.create(folder, name, HashAlgorithm.SHA1, Clock.systemUTC());
        Rule rule = new Rule(
                name,
                new ManifestVerifier(MasterKeys.parse(repository.masterKeyPem()), Blacklist.EMPTY, Clock.systemUTC()),
                new RepositoryLocation.Folder(folder),
                false);
        TrustFileCache files = new TrustFileCache(
                (path, maxBytes) -> new CompletableFuture<>(), new FetchSlots(1), Duration.ofMinutes(1), () -> 0L);
        Queue<Runnable> tasks = new ArrayDeque<>();

        CompletableFuture<Verdict> verdict = Verification.start(
                repository.manifestBytes(), new Verification.Context(rule, files, true, tasks::add, () -> {
                    throw new StackOverflowError("for the test");
                }));
        Runnable task = tasks.remove();
        CompletableFuture<Void> thread = CompletableFuture.runAsync(task);

        assertThat(thread).succeedsWithin(Duration.ofSeconds(60));
        assertThat(verdict).isCompletedExceptionally();
    }
}
