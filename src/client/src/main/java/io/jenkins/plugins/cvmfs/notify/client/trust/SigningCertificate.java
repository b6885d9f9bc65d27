package io.jenkins.plugins.cvmfs.notify.client.trust;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash.ObjectKind;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.trust.ManifestVerifier.Rejection;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The certificate that a manifest names. Only its key and its fingerprint count: the whitelist makes it trusted, so its dates,
 * issuer and signature are ignored, as in the reference.
 */
final class SigningCertificate {

    /** The longest object read, and the longest certificate decompressed from it, in bytes. A real one has about 1.5 KB. */
    static final int MAX_BYTES = 64 * 1024;

    private final X509Certificate certificate;
    private final Set<ContentHash> fingerprints;

    private SigningCertificate(X509Certificate certificate, Set<ContentHash> fingerprints) {
        this.certificate = certificate;
        this.fingerprints = fingerprints;
    }

    /** Reads the object and compares it with its hash. */
    static SigningCertificate load(ContentHash hash, TrustSource source) throws Rejection {
        String path = hash.objectPath(ObjectKind.CERTIFICATE);
        byte[] object = source.read(path, MAX_BYTES);
        if (object.length > MAX_BYTES) {
            throw bad(path, "is longer than %d bytes".formatted(MAX_BYTES), null);
        }
        ContentHash actual = ContentHash.of(hash.algorithm(), object);
        if (!actual.equals(hash)) {
            throw bad(path, "holds bytes with hash " + actual, null);
        }
        return parse(inflate(object, path), path);
    }

    private static byte[] inflate(byte[] object, String path) throws Rejection {
        try (InflaterInputStream zlib = new InflaterInputStream(new ByteArrayInputStream(object))) {
            byte[] content = zlib.readNBytes(MAX_BYTES + 1);
            if (content.length > MAX_BYTES) {
                throw bad(path, "is longer than %d bytes when decompressed".formatted(MAX_BYTES), null);
            }
            return content;
        } catch (IOException e) {
            throw bad(path, "is not compressed with zlib", e);
        }
    }

    private static SigningCertificate parse(byte[] pem, String path) throws Rejection {
        try {
            X509Certificate certificate = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem));
            if (!(certificate.getPublicKey() instanceof RSAPublicKey)) {
                throw bad(
                        path,
                        "has a key of type %s, expected RSA"
                                .formatted(Excerpt.of(certificate.getPublicKey().getAlgorithm())),
                        null);
            }
            byte[] der = certificate.getEncoded();
            return new SigningCertificate(
                    certificate,
                    Arrays.stream(HashAlgorithm.values())
                            .map(algorithm -> ContentHash.of(algorithm, der))
                            .collect(Collectors.toUnmodifiableSet()));
        } catch (CertificateException e) {
            throw bad(path, "is not an X.509 certificate", e);
        }
    }

    /**
     * Reads a line of a whitelist or blacklist: the hash of a certificate's DER as pairs of hexadecimal digits with colons, an
     * optional suffix such as {@code -RMD160}, in upper or lower case, then a blank or {@code #} and a comment. Empty if the line
     * starts with anything else.
     */
    static Optional<ContentHash> fingerprint(String line) {
        String hash = line.split("[ \t#]", 2)[0].replace(":", "").toLowerCase(Locale.ROOT);
        try {
            return Optional.of(ContentHash.parse(hash));
        } catch (InvalidInputException notAHash) {
            return Optional.empty();
        }
    }

    private static Rejection bad(String path, String problem, @Nullable Exception cause) {
        return new Rejection(Reason.BAD_CERTIFICATE, "certificate %s %s".formatted(path, problem), cause);
    }

    /** Returns true if the certificate's key made this signature, SHA-1 with RSA, over the text. */
    boolean signed(byte[] text, byte[] signature) {
        try {
            Signature verifier = Signature.getInstance("SHA1withRSA");
            verifier.initVerify(certificate.getPublicKey());
            verifier.update(text);
            return verifier.verify(signature);
        } catch (SignatureException wrongLength) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot verify SHA1withRSA with key of " + signer(), e);
        }
    }

    /** Returns the hashes of its DER, one for each algorithm. */
    Set<ContentHash> fingerprints() {
        return fingerprints;
    }

    /** Returns its subject, made printable: until the whitelist is checked, an attacker may have chosen it. */
    String signer() {
        return Excerpt.of(certificate.getSubjectX500Principal().getName());
    }
}
