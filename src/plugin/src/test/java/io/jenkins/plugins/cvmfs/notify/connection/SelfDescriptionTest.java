package io.jenkins.plugins.cvmfs.notify.connection;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash.ObjectKind;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryFile;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import io.jenkins.plugins.cvmfs.notify.client.sample.SigningKeys;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.trust.MasterKeys;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SelfDescriptionTest {

    private static final Instant NOW = Instant.parse("2026-11-28T10:00:00Z");
    private static final SigningKeys KEYS = SigningKeys.shared("sw.example.org", NOW);

    @TempDir
    private Path folder;

    private SampleRepository repository() {
        return SampleRepository.create(
                folder,
                new RepositoryName("sw.example.org"),
                HashAlgorithm.SHA1,
                Clock.fixed(NOW.minus(Duration.ofHours(3)), ZoneOffset.UTC),
                KEYS);
    }

    private SelfDescription read(Optional<MasterKeys> keys) {
        try (Network network = Network.builder().build()) {
            return SelfDescription.read(
                    network.repositoryReader(),
                    RepositoryLocation.parse(folder.toString()),
                    keys,
                    Clock.fixed(NOW, ZoneOffset.UTC));
        }
    }

    @Test
    void itSaysNameRevisionTimeAndTimeToLive() {
        // Given
        SampleRepository repository = repository();

        // When
        SelfDescription found = read(Optional.empty());

        // Then
        assertThat(found.name()).isEqualTo("sw.example.org");
        assertThat(found.stratum1s()).isEmpty();
        assertThat(found.summary())
                .isEqualTo("sw.example.org, revision 1, published 2026-11-28 07:00:00 UTC (3 h 0 min ago), TTL 4 min,"
                        + " root catalog %s; not verified: no master keys are given"
                                .formatted(repository.manifest().rootCatalog()));
    }

    @Test
    void masterKeysVerifyIt() {
        // Given
        SampleRepository repository = repository();
        SigningKeys others = SigningKeys.generate("sw.example.org", NOW);

        // When
        SelfDescription good = read(Optional.of(MasterKeys.parse(repository.masterKeyPem())));
        SelfDescription bad = read(Optional.of(MasterKeys.parse(others.masterKeyPem())));

        // Then
        assertThat(good.summary())
                .contains("; verified: signed by ", "the whitelist is valid until 2026-12-28 07:00:00 UTC");
        assertThat(good.isRejected()).isFalse();
        assertThat(bad.isRejected()).isTrue();
        assertThat(bad.summary()).contains("; NOT VALID: ").contains("whitelist");
    }

    @Test
    void itsMetaInformationNamesReplicas() throws IOException {
        // Given
        SampleRepository repository = repository();
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        try (DeflaterOutputStream zlib = new DeflaterOutputStream(json)) {
            zlib.write(
                    "{\"description\": \"Software\", \"recommended-stratum1s\": [\"http://s1.example.org/cvmfs/sw\"]}"
                            .getBytes(UTF_8));
        }
        ContentHash hash = ContentHash.of(HashAlgorithm.SHA1, json.toByteArray());
        Path object = folder.resolve(hash.objectPath(ObjectKind.META_INFO));
        Files.createDirectories(object.getParent());
        Files.write(object, json.toByteArray());
        Files.write(
                folder.resolve(RepositoryFile.MANIFEST.path()),
                KEYS.signManifest(repository.manifest().toText() + "M" + hash + "\n", HashAlgorithm.SHA1));

        // When
        SelfDescription found = read(Optional.empty());

        // Then
        assertThat(found.stratum1s()).containsExactly("http://s1.example.org/cvmfs/sw");
        assertThat(found.summary()).endsWith("; “Software”");
        Files.delete(object);
        assertThat(read(Optional.empty()).stratum1s()).isEmpty();
    }

    @Test
    void aPlaceWithoutARepositoryIsAnError() {
        assertThatThrownBy(() -> read(Optional.empty()))
                .isInstanceOf(NotifyException.class)
                .hasMessageContaining("no such file");
    }
}
