package io.jenkins.plugins.cvmfs.notify.client.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash.ObjectKind;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderRepositoryReaderTest {

    private static final Instant NOW = Instant.parse("2026-11-26T21:13:15Z");

    @TempDir
    private Path folder;

    private final ManualTimer timer = new ManualTimer();

    private RepositoryReader reader(Executor files) {
        return new RetryingRepositoryReader(
                new HttpSender(HttpClient.newHttpClient(), "test"),
                files,
                timer,
                new Retrier(timer),
                Duration.ofSeconds(60));
    }

    private RepositoryLocation replica() {
        return new RepositoryLocation.Folder(folder.resolve("replica"));
    }

    @Test
    void everythingOfAReplicaInAFolderCanBeRead() {
        SampleRepository repository = SampleRepository.create(
                folder.resolve("stratum0"), Samples.ATLAS, HashAlgorithm.SHA1, Clock.fixed(NOW, ZoneOffset.UTC));
        repository.snapshotTo(folder.resolve("replica"));
        RepositoryReader reader = reader(Runnable::run);

        FetchedManifest first = reader.manifest(replica(), null).join();
        FetchedManifest second = reader.manifest(replica(), first).join();
        repository.publish();
        repository.snapshotTo(folder.resolve("replica"));
        FetchedManifest third = reader.manifest(replica(), second).join();

        assertThat(first.bytes()).isNotEqualTo(repository.manifestBytes());
        assertThat(second).isSameAs(first);
        assertThat(third.manifest().revision()).isEqualTo(new Revision(2));
        assertThat(reader.objectPresent(replica(), third.manifest().rootCatalog(), ObjectKind.CATALOG)
                        .join())
                .isTrue();
        assertThat(reader.objectPresent(replica(), third.manifest().rootCatalog(), ObjectKind.HISTORY)
                        .join())
                .isFalse();
        assertThat(reader.lastSnapshot(replica()).join()).contains(NOW);
        assertThat(new String(reader.fileNow(replica(), ".cvmfswhitelist", 10_000), UTF_8))
                .contains("Natlas.cern.ch");
    }

    @Test
    void aMissingManifestInAFolderIsNotFound() {
        assertThatThrownBy(() -> reader(Runnable::run).fileNow(replica(), ".cvmfspublished", 10))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("/replica/.cvmfspublished: no such file");
    }

    @Test
    void aFileLongerThanAllowedIsRefused() throws IOException {
        Files.createDirectories(folder.resolve("replica"));
        Files.writeString(folder.resolve("replica/x"), "0123456789");

        assertThat(reader(Runnable::run).fileNow(replica(), "x", 10)).hasSize(10);
        assertThatThrownBy(() -> reader(Runnable::run).fileNow(replica(), "x", 9))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("longer than the 9 bytes");
    }

    @Test
    void aReadFromAHangingFileSystemFailsAtTheTimeLimit() {
        CompletableFuture<FetchedManifest> manifest = reader(hangs -> {}).manifest(replica(), null);

        timer.advance(Duration.ofSeconds(60));

        assertThat(manifest)
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(TransientFailureException.class)
                .withMessageContaining("no answer within 60 s");
    }

    @Test
    void aReadThatWasGivenUpBeforeItsTurnIsNotMade() {
        Deque<Runnable> queued = new ArrayDeque<>();
        AtomicInteger reads = new AtomicInteger();
        CompletableFuture<Integer> givenUp = Futures.call(queued::add, "full", reads::incrementAndGet);
        CompletableFuture<Integer> waits = Futures.call(queued::add, "full", reads::incrementAndGet);

        givenUp.cancel(true);
        queued.forEach(Runnable::run);

        assertThat(waits).isCompletedWithValue(1);
        assertThat(reads).hasValue(1);
    }

    @Test
    void whenTooManyReadsWaitTheNextFailsAtOnce() {
        RepositoryReader reader = reader(full -> {
            throw new RejectedExecutionException("full");
        });
        CompletableFuture<FetchedManifest> manifest = reader.manifest(replica(), null);

        timer.advance(Duration.ofSeconds(1));

        assertThat(manifest)
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .havingCause()
                .withMessageContaining("too many files");
    }
}
