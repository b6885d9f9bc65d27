package io.jenkins.plugins.cvmfs.notify.client.trust;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash.ObjectKind;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.sample.SigningKeys;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.DeflaterOutputStream;

/** A repository in memory of which a test can change every part; it notes what was read. */
final class StoredRepository implements TrustSource {

    static final RepositoryName NAME = new RepositoryName("sample.example.org");
    static final Instant NOW = Instant.parse("2026-11-03T21:13:15Z");
    static final Instant WHITELIST_EXPIRES = Instant.parse("2026-12-03T21:00:00Z");
    static final SigningKeys KEYS = SigningKeys.generate(NAME.value(), NOW);
    static final SigningKeys OTHER_KEYS = SigningKeys.generate("other.example.org", NOW);

    private static final String WHITELIST = ".cvmfswhitelist";

    final List<String> reads = new ArrayList<>();
    private final Map<String, byte[]> files = new HashMap<>();
    private final HashAlgorithm algorithm;
    private String manifestText;

    StoredRepository(HashAlgorithm algorithm) {
        this.algorithm = algorithm;
        ContentHash certificate = store(KEYS.certificatePem());
        this.manifestText = """
                C0123456789abcdef0123456789abcdef01234567
                B4096
                R%s
                D240
                S42
                N%s
                X%s
                T1793740395
                """.formatted(Manifest.ROOT_PATH_HASH, NAME, certificate);
        signWhitelist(whitelistText());
    }

    /** As the server tools write it. */
    String whitelistText() {
        return "20261103211315\nE20261203211315\nN%s\n%s\n".formatted(NAME, KEYS.fingerprint(algorithm));
    }

    void signWhitelist(String text) {
        files.put(WHITELIST, KEYS.signWhitelist(text, algorithm));
    }

    byte[] whitelist() {
        return files.get(WHITELIST);
    }

    void whitelist(byte[] bytes) {
        files.put(WHITELIST, bytes);
    }

    String manifestText() {
        return manifestText;
    }

    /** The manifest, signed. */
    byte[] manifest() {
        return KEYS.signManifest(manifestText, algorithm);
    }

    /** Replaces part of the manifest's text before it is signed. */
    StoredRepository with(String regex, String replacement) {
        manifestText = manifestText.replaceFirst("(?m)" + regex, replacement);
        return this;
    }

    /** Makes the manifest name this certificate instead. */
    StoredRepository withCertificate(String pem) {
        return with("^X.*$", "X" + store(pem));
    }

    /** Makes the manifest name this object, as it stands, as its certificate. */
    StoredRepository withCertificateObject(byte[] object) {
        ContentHash hash = ContentHash.of(algorithm, object);
        files.put(hash.objectPath(ObjectKind.CERTIFICATE), object);
        return with("^X.*$", "X" + hash);
    }

    byte[] certificateObject() {
        return files.get(certificatePath());
    }

    /** Puts other bytes where the certificate is. */
    void replaceCertificateObject(byte[] object) {
        files.put(certificatePath(), object);
    }

    String certificatePath() {
        return Manifest.parse(manifestText.getBytes(UTF_8)).certificate().objectPath(ObjectKind.CERTIFICATE);
    }

    private ContentHash store(String content) {
        byte[] object = zlib(content.getBytes(UTF_8));
        ContentHash hash = ContentHash.of(algorithm, object);
        files.put(hash.objectPath(ObjectKind.CERTIFICATE), object);
        return hash;
    }

    static byte[] zlib(byte[] content) {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (DeflaterOutputStream zlib = new DeflaterOutputStream(compressed)) {
            zlib.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return compressed.toByteArray();
    }

    @Override
    public byte[] read(String path, int maxBytes) {
        reads.add(path);
        byte[] file = files.get(path);
        if (file == null) {
            throw new TransientFailureException("no " + path);
        }
        return file;
    }
}
