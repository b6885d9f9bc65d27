package io.jenkins.plugins.cvmfs.notify.client.sample;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
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

/** An X.509 certificate for one's own key, as {@code cvmfs_server mkfs} makes one for each repository. */
final class SelfSignedCertificate {

    private static final Duration VALIDITY = Duration.ofDays(365);
    private static final int SERIAL_BITS = 64;
    private static final AlgorithmIdentifier SHA256_WITH_RSA =
            new AlgorithmIdentifier(PKCSObjectIdentifiers.sha256WithRSAEncryption, DERNull.INSTANCE);

    private SelfSignedCertificate() {}

    /** The certificate's DER bytes. */
    static byte[] der(KeyPair keys, String commonName, Instant from) throws GeneralSecurityException, IOException {
        TBSCertificate content = content(keys, new X500Name("CN=" + commonName), from);
        Signature signer = Signature.getInstance("SHA256withRSA");
        signer.initSign(keys.getPrivate());
        signer.update(content.getEncoded(ASN1Encoding.DER));
        ASN1EncodableVector parts = new ASN1EncodableVector();
        parts.add(content);
        parts.add(SHA256_WITH_RSA);
        parts.add(new DERBitString(signer.sign()));
        return new DERSequence(parts).getEncoded(ASN1Encoding.DER);
    }

    private static TBSCertificate content(KeyPair keys, X500Name name, Instant from) {
        V3TBSCertificateGenerator content = new V3TBSCertificateGenerator();
        content.setSerialNumber(new ASN1Integer(new BigInteger(SERIAL_BITS, new SecureRandom()).add(BigInteger.ONE)));
        content.setIssuer(name);
        content.setSubject(name);
        content.setStartDate(new Time(Date.from(from)));
        content.setEndDate(new Time(Date.from(from.plus(VALIDITY))));
        content.setSubjectPublicKeyInfo(
                SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded()));
        content.setSignature(SHA256_WITH_RSA);
        return content.generateTBSCertificate();
    }
}
