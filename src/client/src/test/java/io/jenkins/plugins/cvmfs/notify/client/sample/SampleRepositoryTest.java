package io.jenkins.plugins.cvmfs.notify.client.sample;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash.ObjectKind;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.manifest.SignedText;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SampleRepositoryTest {

    private static final RepositoryName NAME = new RepositoryName("sample.example.org");
    private static final Instant NOW = Instant.parse("2026-11-03T21:13:15.5Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

    private static final SigningKeys KEYS = SigningKeys.generate(NAME.value(), NOW);

    @TempDir
    private Path folder;

    @Test
    void aNewRepositoryHasRevisionOneAndEveryObjectItsManifestNames() {
        SampleRepository repository = create(HashAlgorithm.SHA1);

        Manifest manifest = Manifest.parse(repository.manifestBytes());
        assertThat(manifest).isEqualTo(repository.manifest());
        assertThat(manifest.revision()).isEqualTo(new Revision(1));
        assertThat(manifest.repository()).isEqualTo(NAME);
        assertThat(manifest.isOfRoot()).isTrue();
        assertThat(manifest.publishedAt()).isEqualTo("2026-11-03T21:13:15Z");
        assertThat(folder.resolve(manifest.rootCatalog().objectPath(ObjectKind.CATALOG)))
                .isRegularFile();
        assertThat(folder.resolve(manifest.certificate().objectPath(ObjectKind.CERTIFICATE)))
                .isRegularFile();
    }

    @ParameterizedTest
    @EnumSource
    void objectsLieUnderTheHashOfTheirCompressedBytes(HashAlgorithm algorithm) throws Exception {
        SampleRepository repository = create(algorithm);

        ContentHash root = repository.manifest().rootCatalog();
        byte[] stored = Files.readAllBytes(folder.resolve(root.objectPath(ObjectKind.CATALOG)));
        assertThat(ContentHash.of(algorithm, stored)).isEqualTo(root);
        byte[] catalog = new InflaterInputStream(new ByteArrayInputStream(stored)).readAllBytes();
        assertThat(catalog).hasSize((int) repository.manifest().rootCatalogBytes());
        assertThat(new String(catalog, UTF_8)).isEqualTo("root catalog of sample.example.org, revision 1\n");
    }

    @ParameterizedTest
    @EnumSource
    void theCertificateIsSelfSignedAndItsKeySignsTheHashOfTheManifest(HashAlgorithm algorithm) throws Exception {
        SampleRepository repository = create(algorithm);

        X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(
                        repository.keys().certificatePem().getBytes(US_ASCII)));
        certificate.verify(certificate.getPublicKey());
        certificate.checkValidity(Date.from(CLOCK.instant()));
        assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=sample.example.org");
        SignedText signed = SignedText.parse(repository.manifestBytes());
        assertThat(signed.hashLine())
                .hasValue(ContentHash.of(algorithm, signed.text()).toString());
        Signature signature = Signature.getInstance("SHA1withRSA");
        signature.initVerify(certificate);
        signature.update(signed.hashLine().orElseThrow().getBytes(US_ASCII));
        assertThat(signature.verify(signed.signature())).isTrue();
    }

    @Test
    void theWhitelistNamesTheRepositoryItsExpiryAndTheCertificate() throws Exception {
        SampleRepository repository = create(HashAlgorithm.RIPEMD160);

        SignedText whitelist = SignedText.parse(Files.readAllBytes(folder.resolve(".cvmfswhitelist")));
        assertThat(whitelist.lines())
                .containsExactly(
                        "20261103211315",
                        "E20261203211315",
                        "Nsample.example.org",
                        repository.keys().fingerprint(HashAlgorithm.RIPEMD160));
        assertThat(whitelist.lines().get(3)).matches("([0-9A-F]{2}:){19}[0-9A-F]{2}-RMD160");
        assertThat(whitelist.signature()).hasSize(256);
    }

    @Test
    void publishingGivesTheNextRevisionWithAnotherRootCatalogAndKeepsTheOldOne() {
        SampleRepository repository = create(HashAlgorithm.SHA1);
        Manifest first = repository.manifest();

        Manifest second = repository.publish();

        assertThat(second.revision()).isEqualTo(new Revision(2));
        assertThat(Manifest.parse(repository.manifestBytes())).isEqualTo(second);
        assertThat(folder.resolve(second.rootCatalog().objectPath(ObjectKind.CATALOG)))
                .isRegularFile();
        assertThat(folder.resolve(first.rootCatalog().objectPath(ObjectKind.CATALOG)))
                .isRegularFile();
        assertThat(second.rootCatalog()).isNotEqualTo(first.rootCatalog());
    }

    @Test
    void anyRevisionCanBePublishedAlsoTheHighestAndALowerOne() {
        SampleRepository repository = create(HashAlgorithm.SHA1);

        repository.publish(new Revision(-1));
        assertThat(Manifest.parse(repository.manifestBytes()).revision()).hasToString("18446744073709551615");

        repository.publish(new Revision(7));
        assertThat(Manifest.parse(repository.manifestBytes()).revision()).hasToString("7");
    }

    @Test
    void aSnapshotMakesTheReplicaEqualAndTellsItsTime(@TempDir Path replica) throws Exception {
        SampleRepository repository = create(HashAlgorithm.SHA1);
        repository.snapshotTo(replica);
        repository.publish();
        assertThat(replica.resolve(".cvmfspublished")).binaryContent().isNotEqualTo(repository.manifestBytes());

        repository.snapshotTo(replica);

        for (Path file : filesBelow(folder)) {
            assertThat(replica.resolve(file)).hasSameBinaryContentAs(folder.resolve(file));
        }
        assertThat(filesBelow(replica)).hasSize(filesBelow(folder).size() + 2);
        assertThat(replica.resolve(".cvmfs_last_snapshot")).hasContent("Tue Nov  3 21:13:15 UTC 2026\n");
        assertThat(replica.resolve(".cvmfs_status.json"))
                .hasContent("{\n  \"last_snapshot\": \"Tue Nov  3 21:13:15 UTC 2026\"\n}\n");
    }

    @Test
    void eachRepositoryHasKeysOfItsOwnUnlessToldOtherwise(@TempDir Path other) {
        SampleRepository repository = SampleRepository.create(other, NAME, HashAlgorithm.SHA1, CLOCK);

        assertThat(repository.masterKeyPem())
                .startsWith("-----BEGIN PUBLIC KEY-----\n")
                .endsWith("\n-----END PUBLIC KEY-----\n")
                .isNotEqualTo(KEYS.masterKeyPem());
    }

    @Test
    void aFolderThatCannotBeWrittenIsNamed() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));

        assertThatThrownBy(() -> SampleRepository.create(file, NAME, HashAlgorithm.SHA1, CLOCK, KEYS))
                .isInstanceOf(PermanentFailureException.class)
                .hasMessageContaining(file.toString());
    }

    private SampleRepository create(HashAlgorithm algorithm) {
        return SampleRepository.create(folder, NAME, algorithm, CLOCK, KEYS);
    }

    private static List<Path> filesBelow(Path root) throws Exception {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile).map(root::relativize).toList();
        }
    }
}
