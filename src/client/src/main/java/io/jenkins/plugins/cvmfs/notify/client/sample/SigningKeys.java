package io.jenkins.plugins.cvmfs.notify.client.sample;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.SignedText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import javax.crypto.Cipher;

/**
 * The two key pairs behind a repository, made at random and kept in memory only: the master key, which signs the whitelist, and
 * the repository key with its self-signed certificate, which signs manifests. What it signs need not be right, so that a test
 * can make a whitelist that has expired, or a manifest of another repository.
 *
 * <p>Immutable; any thread may use it.
 */
public final class SigningKeys {

    private static final int RSA_BITS = 2048;
    private static final int PEM_LINE = 64;

    private final KeyPair master;
    private final KeyPair repository;
    private final byte[] certificate;

    private SigningKeys(KeyPair master, KeyPair repository, byte[] certificate) {
        this.master = master;
        this.repository = repository;
        this.certificate = certificate;
    }

    /**
     * Makes both pairs, 2048 bits each; takes some tenths of a second.
     *
     * @param commonName who the certificate is for: CN of its subject and issuer
     * @param now from when the certificate is valid, for a year; readers of CernVM-FS do not look at it
     */
    public static SigningKeys generate(String commonName, Instant now) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(RSA_BITS);
            KeyPair repository = generator.generateKeyPair();
            return new SigningKeys(
                    generator.generateKeyPair(), repository, SelfSignedCertificate.der(repository, commonName, now));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime must provide RSA", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot encode the certificate", e);
        }
    }

    /** The public master key that readers are configured with, PEM. */
    public String masterKeyPem() {
        return pem("PUBLIC KEY", master.getPublic().getEncoded());
    }

    /** The certificate, PEM: what the certificate object holds, uncompressed. */
    public String certificatePem() {
        return pem("CERTIFICATE", certificate);
    }

    /** The certificate's line in a whitelist: its hash as upper-case pairs with colons, and the algorithm's suffix. */
    public String fingerprint(HashAlgorithm algorithm) {
        ContentHash hash = ContentHash.of(algorithm, certificate);
        return (hash.hex().replaceAll("..(?!$)", "$0:") + algorithm.suffix()).toUpperCase(Locale.ROOT);
    }

    /** Signs the text of a manifest with the repository key: SHA-1 with RSA over the text of its hash. */
    public byte[] signManifest(String text, HashAlgorithm algorithm) {
        String hash = hashOf(text, algorithm);
        try {
            Signature signer = Signature.getInstance("SHA1withRSA");
            signer.initSign(repository.getPrivate());
            signer.update(hash.getBytes(US_ASCII));
            return SignedText.of(text, hash, signer.sign()).bytes();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot sign with SHA1withRSA", e);
        }
    }

    /** Signs the text of a whitelist with the master key: RSA straight over the text of its hash, PKCS#1 type 1. */
    public byte[] signWhitelist(String text, HashAlgorithm algorithm) {
        String hash = hashOf(text, algorithm);
        try {
            Cipher cipher = Cipher.getInstance("RSA/ECB/PKCS1Padding");
            cipher.init(Cipher.ENCRYPT_MODE, master.getPrivate());
            return SignedText.of(text, hash, cipher.doFinal(hash.getBytes(US_ASCII)))
                    .bytes();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot sign with plain RSA", e);
        }
    }

    private static String hashOf(String text, HashAlgorithm algorithm) {
        return ContentHash.of(algorithm, text.getBytes(ISO_8859_1)).toString();
    }

    static String pem(String type, byte[] der) {
        String base64 = Base64.getMimeEncoder(PEM_LINE, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(type, base64);
    }
}
