package io.jenkins.plugins.cvmfs.notify.client.sample;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.SignedText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.Locale;
import javax.crypto.Cipher;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;

/**
 * The two random key pairs of a repository, kept in memory only: the master key, which signs the whitelist, and the repository
 * key with its self-signed certificate, which signs manifests. It signs any text, so that a test can make an expired whitelist
 * or the manifest of another repository.
 *
 * <p>Immutable and thread-safe.
 */
public final class SigningKeys {

    private static final int RSA_BITS = 2048;
    private static final int PEM_LINE = 64;
    private static final Duration CERTIFICATE_VALIDITY = Duration.ofDays(365);
    private static final int SERIAL_BITS = 64;
    private static final AlgorithmIdentifier SHA256_WITH_RSA =
            new AlgorithmIdentifier(PKCSObjectIdentifiers.sha256WithRSAEncryption, DERNull.INSTANCE);

    private final KeyPair master;
    private final KeyPair repository;
    private final byte[] certificate;

    private SigningKeys(KeyPair master, KeyPair repository, byte[] certificate) {
        this.master = master;
        this.repository = repository;
        this.certificate = certificate;
    }

    /**
     * Generates both pairs, 2048 bits each; takes some tenths of a second.
     *
     * @param commonName CN of the certificate's subject and issuer
     * @param now start of the certificate's year of validity, which readers of CernVM-FS ignore
     */
    public static SigningKeys generate(String commonName, Instant now) {
        return withCertificate(generatePair(), generatePair(), commonName, now);
    }

    /**
     * Returns keys with the same two pairs for every caller in this process, and a certificate of their own. Only the first call takes
     * as long as {@link #generate}, whose parameters it has.
     */
    public static SigningKeys shared(String commonName, Instant now) {
        return withCertificate(SharedPairs.MASTER, SharedPairs.REPOSITORY, commonName, now);
    }

    /** Made at their first use. */
    private static final class SharedPairs {
        static final KeyPair MASTER = generatePair();
        static final KeyPair REPOSITORY = generatePair();
    }

    private static KeyPair generatePair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(RSA_BITS);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime must provide RSA", e);
        }
    }

    private static SigningKeys withCertificate(KeyPair master, KeyPair repository, String commonName, Instant now) {
        try {
            return new SigningKeys(master, repository, selfSignedCertificate(repository, commonName, now));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime must provide RSA", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot encode the certificate", e);
        }
    }

    /** Returns the public master key that readers are configured with, PEM. */
    public String masterKeyPem() {
        return pem("PUBLIC KEY", master.getPublic().getEncoded());
    }

    /** Returns the certificate, PEM: the content of the certificate object before compression. */
    public String certificatePem() {
        return pem("CERTIFICATE", certificate);
    }

    /** Returns the certificate's line in a whitelist: its hash as upper-case pairs with colons, and the algorithm's suffix. */
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

    /** Signs the text of a whitelist with the master key: RSA directly over the text of its hash, PKCS#1 block type 1. */
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

    /** Returns the DER bytes of a certificate for one's own key, as {@code cvmfs_server mkfs} makes one for each repository. */
    static byte[] selfSignedCertificate(KeyPair keys, String commonName, Instant from)
            throws GeneralSecurityException, IOException {
        X500Name name = new X500Name("CN=" + commonName);
        V3TBSCertificateGenerator generator = new V3TBSCertificateGenerator();
        generator.setSerialNumber(new ASN1Integer(new BigInteger(SERIAL_BITS, new SecureRandom()).add(BigInteger.ONE)));
        generator.setIssuer(name);
        generator.setSubject(name);
        generator.setStartDate(new Time(Date.from(from)));
        generator.setEndDate(new Time(Date.from(from.plus(CERTIFICATE_VALIDITY))));
        generator.setSubjectPublicKeyInfo(
                SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded()));
        generator.setSignature(SHA256_WITH_RSA);
        TBSCertificate content = generator.generateTBSCertificate();

        Signature signer = Signature.getInstance("SHA256withRSA");
        signer.initSign(keys.getPrivate());
        signer.update(content.getEncoded(ASN1Encoding.DER));
        ASN1EncodableVector parts = new ASN1EncodableVector();
        parts.add(content);
        parts.add(SHA256_WITH_RSA);
        parts.add(new DERBitString(signer.sign()));
        return new DERSequence(parts).getEncoded(ASN1Encoding.DER);
    }

    static String pem(String type, byte[] der) {
        String base64 = Base64.getMimeEncoder(PEM_LINE, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(type, base64);
    }
}
