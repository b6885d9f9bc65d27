package io.jenkins.plugins.cvmfs.notify.proxy.tls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** A certificate authority that lasts as long as a test, and PEM files for what it signs. */
public final class TestAuthority {

    /** What it signs: a key with its certificate. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Issued(KeyPair keys, byte[] certificate) {

        /** Writes the certificate to {@code NAME.pem} and its key to {@code NAME.key}, in PKCS#8. */
        public Issued write(Path folder, String name) {
            TestAuthority.write(folder.resolve(name + ".pem"), "CERTIFICATE", certificate);
            TestAuthority.write(
                    folder.resolve(name + ".key"),
                    "PRIVATE KEY",
                    keys.getPrivate().getEncoded());
            return this;
        }
    }

    private static final AlgorithmIdentifier SHA256_WITH_ECDSA =
            new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);
    private static final Duration VALIDITY = Duration.ofDays(30);

    private final X500Name name;
    private final KeyPair keys;
    private final byte[] certificate;

    public TestAuthority(String name) {
        this.name = new X500Name("CN=" + name);
        this.keys = ecKeys();
        this.certificate = sign(this.name, keys, extensions(null));
    }

    /** An EC key and a certificate, for both sides of TLS. */
    public Issued issue(String commonName) {
        return issue(commonName, ecKeys());
    }

    public Issued issue(String commonName, KeyPair subject) {
        return new Issued(subject, sign(new X500Name("CN=" + commonName), subject, extensions(commonName)));
    }

    /** Writes the authority's own certificate. */
    public Path writeTo(Path file) {
        return write(file, "CERTIFICATE", certificate);
    }

    public static KeyPair ecKeys() {
        return keys("EC", 256);
    }

    public static KeyPair rsaKeys() {
        return keys("RSA", 2048);
    }

    private static KeyPair keys(String algorithm, int size) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(size);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Writes one block of PEM. */
    public static Path write(Path file, String label, byte[] content) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        try {
            return Files.writeString(file, "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(label, base64));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param host the name the certificate is for; null for an authority */
    private static Extensions extensions(String host) {
        try {
            ExtensionsGenerator extensions = new ExtensionsGenerator();
            extensions.addExtension(Extension.basicConstraints, true, new BasicConstraints(host == null));
            if (host != null) {
                extensions.addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(new GeneralName(GeneralName.dNSName, host)));
            }
            return extensions.generate();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] sign(X500Name subject, KeyPair subjectKeys, Extensions extensions) {
        try {
            TBSCertificate content = content(subject, subjectKeys, extensions);
            Signature signer = Signature.getInstance("SHA256withECDSA");
            signer.initSign(keys.getPrivate());
            signer.update(content.getEncoded(ASN1Encoding.DER));
            ASN1EncodableVector parts = new ASN1EncodableVector();
            parts.add(content);
            parts.add(SHA256_WITH_ECDSA);
            parts.add(new DERBitString(signer.sign()));
            return new DERSequence(parts).getEncoded(ASN1Encoding.DER);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private TBSCertificate content(X500Name subject, KeyPair subjectKeys, Extensions extensions) {
        Instant now = Instant.now();
        V3TBSCertificateGenerator content = new V3TBSCertificateGenerator();
        content.setSerialNumber(new ASN1Integer(new BigInteger(64, new SecureRandom()).add(BigInteger.ONE)));
        content.setIssuer(name);
        content.setSubject(subject);
        content.setStartDate(new Time(Date.from(now.minus(VALIDITY))));
        content.setEndDate(new Time(Date.from(now.plus(VALIDITY))));
        content.setSubjectPublicKeyInfo(
                SubjectPublicKeyInfo.getInstance(subjectKeys.getPublic().getEncoded()));
        content.setSignature(SHA256_WITH_ECDSA);
        content.setExtensions(extensions);
        return content.generateTBSCertificate();
    }
}
