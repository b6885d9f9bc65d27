package io.jenkins.plugins.cvmfs.notify.trigger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.ManualClock;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.gate.ManifestSummary;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import io.jenkins.plugins.cvmfs.notify.client.sample.SigningKeys;
import io.jenkins.plugins.cvmfs.notify.client.transport.FetchedManifest;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import io.jenkins.plugins.cvmfs.notify.client.trust.MasterKeys;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Manifests of a real signed repository are verified, once for all triggers. */
class ManifestChecksTest {

    private static final RepositoryName NAME = new RepositoryName("sw.example.org");
    private static final MasterKeys OTHER_KEYS = MasterKeys.parse(
            SigningKeys.generate(NAME.value(), ScriptedHost.START).masterKeyPem());

    private final ManualClock clock = new ManualClock(ScriptedHost.START);
    private final ManifestChecks checks = new ManifestChecks(clock);
    private final Network network = Network.builder().build();
    private final CountingReader reader = new CountingReader(network.repositoryReader());

    @TempDir
    private Path folder;

    private SampleRepository repository;
    private MasterKeys keys;

    @BeforeEach
    void publish() {
        repository = SampleRepository.create(folder.resolve("zero"), NAME, HashAlgorithm.SHA1, clock);
        keys = MasterKeys.parse(repository.masterKeyPem());
    }

    @AfterEach
    void close() {
        network.close();
    }

    private ManifestChecks.Question question() {
        return new ManifestChecks.Question(
                NAME,
                RepositoryLocation.parse(folder.resolve("zero").toString()),
                ManifestSummary.of(repository.manifest()));
    }

    private void verify() {
        checks.verify(question(), keys, reader, null);
    }

    @Test
    void aValidManifestIsReadAndVerifiedOnceForAll() {
        IntStream.range(0, 1000).parallel().forEach(i -> verify());

        assertThat(reader.files).hasSize(3).doesNotHaveDuplicates();
    }

    @Test
    void anAnnouncedManifestIsVerifiedWithoutReadingIt() {
        // Given
        ManifestChecks.Question announced = question();
        byte[] bytes = repository.manifestBytes();

        // When
        repository.publish();

        // Then
        assertThatCode(() -> checks.verify(announced, keys, reader, bytes)).doesNotThrowAnyException();
        assertThat(reader.files).hasSize(2).doesNotContain(".cvmfspublished");
    }

    @Test
    void aManifestThatAnotherKeySignedIsRefused() {
        keys = OTHER_KEYS;

        assertThatThrownBy(this::verify)
                .isInstanceOf(RefusedException.class)
                .hasMessageStartingWith("revision 1 at ")
                .hasMessageContaining(" starts no build: ");
    }

    @Test
    void aProblemIsReadOnceForAllAndAgainAfterAWhile() {
        // Given
        MasterKeys right = keys;
        keys = OTHER_KEYS;
        assertThatThrownBy(this::verify).isInstanceOf(RefusedException.class);
        int read = reader.files.size();
        keys = right;

        // When
        assertThatThrownBy(this::verify).isInstanceOf(RefusedException.class);
        assertThat(reader.files).hasSize(read);
        clock.advance(Duration.ofSeconds(30));

        // Then
        assertThatCode(this::verify).doesNotThrowAnyException();
    }

    @Test
    void anAnswerIsForgottenWhenTheKeysChange() {
        // Given
        verify();
        keys = OTHER_KEYS;

        // When
        checks.forget();

        // Then
        assertThatThrownBy(this::verify).isInstanceOf(RefusedException.class);
    }

    @Test
    void aManifestThatWasReplacedMeanwhileIsNoAnswer() {
        ManifestChecks.Question asked = question();
        repository.publish();

        assertThatThrownBy(() -> checks.verify(asked, keys, reader, null))
                .isInstanceOf(TransientFailureException.class)
                .hasMessageStartingWith("revision 1 is not at ");
    }

    /** Notes which files are read. */
    private static final class CountingReader implements RepositoryReader {

        private final RepositoryReader real;
        private final List<String> files = new CopyOnWriteArrayList<>();

        private CountingReader(RepositoryReader real) {
            this.real = real;
        }

        @Override
        public CompletableFuture<byte[]> file(RepositoryLocation location, String path, int maxBytes) {
            files.add(path);
            return real.file(location, path, maxBytes);
        }

        @Override
        public CompletableFuture<FetchedManifest> manifest(
                RepositoryLocation location, @Nullable FetchedManifest previous) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<Boolean> objectPresent(
                RepositoryLocation location, ContentHash hash, ContentHash.ObjectKind kind) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<Optional<Instant>> lastSnapshot(RepositoryLocation location) {
            throw new UnsupportedOperationException();
        }
    }
}
