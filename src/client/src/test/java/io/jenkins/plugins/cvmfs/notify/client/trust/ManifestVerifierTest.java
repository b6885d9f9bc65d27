package io.jenkins.plugins.cvmfs.notify.client.trust;

import static io.jenkins.plugins.cvmfs.notify.client.trust.StoredRepository.KEYS;
import static io.jenkins.plugins.cvmfs.notify.client.trust.StoredRepository.NAME;
import static io.jenkins.plugins.cvmfs.notify.client.trust.StoredRepository.NOW;
import static io.jenkins.plugins.cvmfs.notify.client.trust.StoredRepository.OTHER_KEYS;
import static io.jenkins.plugins.cvmfs.notify.client.trust.StoredRepository.WHITELIST_EXPIRES;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.SignedText;
import io.jenkins.plugins.cvmfs.notify.client.sample.OddCertificates;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict.Reason;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict.Rejected;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict.Trusted;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ManifestVerifierTest {

    private static final MasterKeys MASTER_KEYS = MasterKeys.parse(KEYS.masterKeyPem());

    private StoredRepository repository = new StoredRepository(HashAlgorithm.SHA1);
    private Blacklist blacklist = Blacklist.EMPTY;
    private Instant now = NOW;

    @ParameterizedTest
    @EnumSource
    void aManifestWithAnUnbrokenChainIsTrusted(HashAlgorithm algorithm) {
        repository = new StoredRepository(algorithm);

        assertThat(verify())
                .isEqualTo(
                        new Trusted(Manifest.parse(repository.manifest()), "CN=sample.example.org", WHITELIST_EXPIRES));
        assertThat(repository.reads).containsExactly(repository.certificatePath(), ".cvmfswhitelist");
    }

    @ParameterizedTest
    @EnumSource
    void aSampleRepositoryIsTrusted(HashAlgorithm algorithm, @TempDir Path folder) {
        Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
        SampleRepository sample = SampleRepository.create(folder, NAME, algorithm, clock, KEYS);
        TrustSource files = (path, maxBytes) -> {
            try {
                return Files.readAllBytes(folder.resolve(path));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };

        sample.publish();

        assertThat(new ManifestVerifier(MASTER_KEYS, Blacklist.EMPTY, clock)
                        .verify(NAME, sample.manifestBytes(), files))
                .isEqualTo(new Trusted(sample.manifest(), "CN=sample.example.org", WHITELIST_EXPIRES));
    }

    @ParameterizedTest
    @EnumSource
    void manifestWhitelistAndFingerprintMayEachUseAnotherAlgorithm(HashAlgorithm ofWhitelist) {
        String text = repository.whitelistText();
        repository.whitelist(KEYS.signWhitelist(
                text.replace(KEYS.fingerprint(HashAlgorithm.SHA1), KEYS.fingerprint(HashAlgorithm.SHAKE128)),
                ofWhitelist));

        assertTrusted();
    }

    @Test
    void aManifestThatCannotBeReadIsRejectedWithItsLine() {
        assertRejected(
                Reason.UNREADABLE_MANIFEST,
                repository.with("^S.*$", "Sx"),
                "manifest cannot be read: line 5: field S: revision 'x' is not a decimal number");
        assertThat(repository.reads).isEmpty();
    }

    @Test
    void aManifestOfAnotherRepositoryIsRejectedBeforeAnythingIsRead() {
        assertRejected(
                Reason.WRONG_NAME,
                repository.with("^N.*$", "Nother.example.org"),
                "manifest is of other.example.org, expected sample.example.org");
        assertRejected(
                Reason.WRONG_NAME,
                repository.with("^N.*\n", ""),
                "manifest names no repository, expected sample.example.org");
        assertThat(repository.reads).isEmpty();
    }

    @Test
    void theManifestOfASubtreeIsRejected() {
        assertRejected(
                Reason.NOT_ROOT,
                repository.with("^R.*$", "R00000000000000000000000000000000"),
                "manifest is of a subtree: line R has 00000000000000000000000000000000");
    }

    @Test
    void aManifestWithoutCertificateIsRejected() {
        assertRejected(
                Reason.BAD_CERTIFICATE,
                repository.with("^X.*\n", ""),
                "manifest names no certificate: it has no line X");
    }

    @Test
    void anObjectThatIsNotTheCertificateNamedIsRejected() {
        repository.replaceCertificateObject(
                StoredRepository.zlib(OTHER_KEYS.certificatePem().getBytes(UTF_8)));

        assertRejected(
                Reason.BAD_CERTIFICATE,
                repository,
                "certificate " + repository.certificatePath() + " holds bytes with hash ");
    }

    @Test
    void aCertificateThatIsNotCompressedOrCutIsRejected() {
        byte[] object = repository.certificateObject();

        assertRejected(
                Reason.BAD_CERTIFICATE,
                repository.withCertificateObject(KEYS.certificatePem().getBytes(UTF_8)),
                "certificate " + repository.certificatePath() + " is not compressed with zlib");
        assertRejected(
                Reason.BAD_CERTIFICATE,
                repository.withCertificateObject(Arrays.copyOf(object, object.length / 2)),
                "certificate " + repository.certificatePath() + " is not compressed with zlib");
        assertRejected(
                Reason.BAD_CERTIFICATE,
                repository.withCertificateObject(new byte[0]),
                "certificate " + repository.certificatePath() + " is not compressed with zlib");
    }

    @ParameterizedTest
    @CsvSource({"''", "hello", "'-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'"})
    void textThatIsNoCertificateIsRejected(String text) {
        assertRejected(
                Reason.BAD_CERTIFICATE,
                repository.withCertificate(text),
                "certificate " + repository.certificatePath() + " is not an X.509 certificate");
    }

    @Test
    void aCertificateThatIsABombIsRejectedWithoutBeingUnpacked() {
        byte[] bomb = StoredRepository.zlib(new byte[50_000_000]);
        assertThat(bomb).hasSizeLessThan(SigningCertificate.MAX_BYTES);

        assertRejected(
                Reason.BAD_CERTIFICATE,
                repository.withCertificateObject(bomb),
                "certificate " + repository.certificatePath() + " is longer than 65536 bytes when decompressed");
    }

    @Test
    void aCertificateObjectThatIsTooLongIsRejected() {
        assertRejected(
                Reason.BAD_CERTIFICATE,
                repository.withCertificateObject(new byte[SigningCertificate.MAX_BYTES + 1]),
                "certificate " + repository.certificatePath() + " is longer than 65536 bytes");
    }

    @Test
    void aCertificateWithAKeyThatIsNotRsaIsRejected() throws Exception {
        String pem = OddCertificates.withKey(
                KeyPairGenerator.getInstance("EC").generateKeyPair().getPublic());

        assertRejected(
                Reason.BAD_CERTIFICATE,
                repository.withCertificate(pem),
                "certificate " + repository.certificatePath() + " has a key of type EC, expected RSA");
    }

    @Test
    void aSubjectThatWouldMisuseATerminalIsShownWithoutItsControlCharacters() throws Exception {
        String pem = OddCertificates.named("\u001b[2Jtrusted\nsigned by root\u0085" + "x".repeat(30));

        assertThat(verifier().verify(NAME, repository.withCertificate(pem).manifest(), repository))
                .isInstanceOfSatisfying(
                        Rejected.class,
                        rejected -> assertThat(rejected.explanation()).matches("[\\P{Cc}]{1,200}"));
    }

    @Test
    void aManifestSignedWithAnotherKeyThanItsCertificatesIsRejected() {
        byte[] manifest = OTHER_KEYS.signManifest(repository.manifestText(), HashAlgorithm.SHA1);

        assertThat(verify(manifest))
                .isEqualTo(new Rejected(
                        Reason.BAD_SIGNATURE,
                        "manifest was not signed with the key of its certificate, CN=sample.example.org"));
    }

    @Test
    void aManifestSignedTheWayOfWhitelistsIsRejected() {
        byte[] manifest = KEYS.signWhitelist(repository.manifestText(), HashAlgorithm.SHA1);

        assertThat(verify(manifest))
                .isInstanceOfSatisfying(
                        Rejected.class,
                        rejected -> assertThat(rejected.reason()).isEqualTo(Reason.BAD_SIGNATURE));
    }

    @Test
    void aManifestWithoutSignatureIsRejected() {
        assertThat(verify(repository.manifestText().getBytes(ISO_8859_1)))
                .isEqualTo(new Rejected(Reason.BAD_SIGNATURE, "manifest is not signed: it has no line '--'"));
        assertThat(verify((repository.manifestText() + "--\n").getBytes(ISO_8859_1)))
                .isEqualTo(new Rejected(Reason.BAD_SIGNATURE, "manifest has no hash after '--', but ''"));
    }

    @Test
    void anMd5HashBelowTheManifestIsRejected() {
        byte[] manifest = SignedText.of(repository.manifestText(), "d41d8cd98f00b204e9800998ecf8427e", new byte[256])
                .bytes();

        assertThat(verify(manifest))
                .isEqualTo(new Rejected(
                        Reason.BAD_SIGNATURE,
                        "manifest has no hash after '--', but 'd41d8cd98f00b204e9800998ecf8427e'"));
    }

    @Test
    void aChangedManifestIsRejectedWithBothHashes() {
        SignedText signed = SignedText.parse(repository.manifest());
        byte[] changed = SignedText.of(
                        repository.with("^S42$", "S43").manifestText(),
                        signed.hashLine().orElseThrow(),
                        signed.signature())
                .bytes();

        assertThat(verify(changed)).isInstanceOfSatisfying(Rejected.class, rejected -> {
            assertThat(rejected.reason()).isEqualTo(Reason.BAD_SIGNATURE);
            assertThat(rejected.explanation())
                    .startsWith("manifest was changed: its text has hash ")
                    .endsWith("signed was " + signed.hashLine().orElseThrow());
        });
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
                    '',                                    line 1: the whitelist ends before this line
                    '2026',                                line 1: the whitelist ends before this line
                    '2026\n',                              line 1: '2026' is not a time of 14 digits
                    '20261103211315\nX20261203211315\n',   line 2: 'X20261203211315' does not start with E
                    '20261103211315\nE20261303211315\nNa\n', line 2: field E: '20261303211315' is not a time of 14 digits
                    '20261103211315\nE2026\nNa\n',         line 2: field E: '2026' is not a time of 14 digits
                    '20261103211315\nE20261203211315\n',   line 3: the whitelist ends before this line
                    '20261103211315\nE20261203211315\nN a\n', line 3: field N: repository name
                    """, quoteCharacter = '\'', ignoreLeadingAndTrailingWhitespace = true)
    void aWhitelistThatCannotBeReadIsRejectedWithItsLine(String text, String problem) {
        repository.whitelist(text.getBytes(ISO_8859_1));

        assertRejected(Reason.UNREADABLE_WHITELIST, repository, ".cvmfswhitelist cannot be read: " + problem);
    }

    @Test
    void aWhitelistThatIsTooLongIsRejected() {
        repository.whitelist(new byte[Whitelist.MAX_BYTES + 1]);

        assertRejected(Reason.UNREADABLE_WHITELIST, repository, ".cvmfswhitelist is longer than 131072 bytes");
    }

    @Test
    void aWhitelistIsGoodUntilTheHourOfItsExpiryBegins() {
        now = WHITELIST_EXPIRES.minusNanos(1);
        assertTrusted();

        now = WHITELIST_EXPIRES;
        assertRejected(
                Reason.EXPIRED_WHITELIST,
                repository,
                ".cvmfswhitelist expired at 2026-12-03T21:00:00Z, now is 2026-12-03T21:00:00Z");
    }

    @Test
    void theWhitelistOfAnotherRepositoryIsRejected() {
        repository.signWhitelist(repository.whitelistText().replace("Nsample", "Nother"));

        assertRejected(
                Reason.WRONG_WHITELIST,
                repository,
                ".cvmfswhitelist is of other.example.org, expected sample.example.org");
    }

    @ParameterizedTest
    @CsvSource({"Vpkcs7,PKCS#7 (Vpkcs7)", "Wcachain,a chain (Wcachain)", "'Vpkcs7\nWcachain',PKCS#7 (Vpkcs7)"})
    void aWhitelistThatAsksForMoreThanItsOwnSignatureIsRejected(String demand, String explanation) {
        repository.signWhitelist(
                repository.whitelistText().replace("Nsample.example.org\n", "Nsample.example.org\n" + demand + "\n"));

        assertRejected(
                Reason.UNSUPPORTED_WHITELIST,
                repository,
                ".cvmfswhitelist asks for " + explanation + ", which is not supported");
    }

    @Test
    void aWhitelistSignedWithAnotherMasterKeyIsRejected() {
        repository.whitelist(OTHER_KEYS.signWhitelist(repository.whitelistText(), HashAlgorithm.SHA1));

        assertRejected(
                Reason.BAD_WHITELIST_SIGNATURE,
                repository,
                ".cvmfswhitelist was signed with none of the 1 master keys");
    }

    @Test
    void anyOfSeveralMasterKeysMayHaveSignedTheWhitelist() {
        MasterKeys both = MasterKeys.parse(OTHER_KEYS.masterKeyPem() + KEYS.masterKeyPem());

        assertThat(new ManifestVerifier(both, Blacklist.EMPTY, Clock.fixed(NOW, ZoneOffset.UTC))
                        .verify(NAME, repository.manifest(), repository))
                .isInstanceOf(Trusted.class);
    }

    @Test
    void theRepositorysOwnKeyCannotSignItsWhitelist() {
        repository.whitelist(KEYS.signManifest(repository.whitelistText(), HashAlgorithm.SHA1));

        assertRejected(
                Reason.BAD_WHITELIST_SIGNATURE,
                repository,
                ".cvmfswhitelist was signed with none of the 1 master keys");
    }

    @Test
    void anUnsignedWhitelistIsRejected() {
        repository.whitelist(repository.whitelistText().getBytes(ISO_8859_1));

        assertRejected(
                Reason.BAD_WHITELIST_SIGNATURE, repository, ".cvmfswhitelist is not signed: it has no line '--'");
    }

    @Test
    void aCertificateThatTheWhitelistDoesNotNameIsRejected() {
        repository.signWhitelist(repository
                .whitelistText()
                .replace(KEYS.fingerprint(HashAlgorithm.SHA1), OTHER_KEYS.fingerprint(HashAlgorithm.SHA1)));

        assertRejected(
                Reason.NOT_LISTED, repository, ".cvmfswhitelist does not name the certificate, CN=sample.example.org");
    }

    @ParameterizedTest
    @EnumSource
    void aRevokedCertificateIsRejectedAlsoIfItIsNotListed(HashAlgorithm ofBlacklist) {
        blacklist = Blacklist.parse("# since 2026\n" + KEYS.fingerprint(ofBlacklist) + " # lost\n");
        assertRejected(
                Reason.REVOKED_CERTIFICATE, repository, "the blacklist revokes the certificate, CN=sample.example.org");

        repository.signWhitelist("20261103211315\nE20261203211315\nNsample.example.org\n");
        assertRejected(
                Reason.REVOKED_CERTIFICATE, repository, "the blacklist revokes the certificate, CN=sample.example.org");
    }

    @ParameterizedTest
    @CsvSource({"41,true", "42,true", "43,false", "18446744073709551615,false"})
    void onlyRevisionsBelowTheOneInTheBlacklistAreRevoked(String lowest, boolean trusted) {
        blacklist = Blacklist.parse("<other.example.org 99\n<sample.example.org " + lowest + "\n");

        if (trusted) {
            assertTrusted();
        } else {
            assertRejected(
                    Reason.REVOKED_REVISION,
                    repository,
                    "the blacklist revokes revisions of sample.example.org below " + lowest + ", this is 42");
        }
    }

    @Test
    void whatCannotBeFetchedIsNotRejectedButThrown() {
        TrustSource down = (path, maxBytes) -> {
            throw new TransientFailureException("connection refused");
        };

        assertThatThrownBy(() -> verifier().verify(NAME, repository.manifest(), down))
                .isInstanceOf(TransientFailureException.class)
                .hasMessage("connection refused");
    }

    @Test
    void theNameExpectedIsTheCallersNotTheManifests() {
        assertThat(verifier().verify(new RepositoryName("Sample.example.org"), repository.manifest(), repository))
                .isInstanceOfSatisfying(
                        Rejected.class,
                        rejected -> assertThat(rejected.reason()).isEqualTo(Reason.WRONG_NAME));
    }

    private void assertTrusted() {
        assertThat(verify()).isInstanceOf(Trusted.class);
    }

    private void assertRejected(Reason reason, StoredRepository changed, String explanationStart) {
        assertThat(verifier().verify(NAME, changed.manifest(), changed))
                .isInstanceOfSatisfying(Rejected.class, rejected -> {
                    assertThat(rejected.reason()).isEqualTo(reason);
                    assertThat(rejected.explanation()).startsWith(explanationStart);
                });
    }

    private Verdict verify() {
        return verify(repository.manifest());
    }

    private Verdict verify(byte[] manifest) {
        return verifier().verify(NAME, manifest, repository);
    }

    private ManifestVerifier verifier() {
        return new ManifestVerifier(MASTER_KEYS, blacklist, Clock.fixed(now, ZoneOffset.UTC));
    }
}
