package io.jenkins.plugins.cvmfs.notify.client.transport;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** The key of a TLS server and a certificate that it has made for itself. */
final class ServerIdentity {

    private static final char[] NO_PASSWORD = {};
    private static final Duration VALIDITY = Duration.ofDays(1);
    private static final AlgorithmIdentifier ECDSA = new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);

    private final KeyPair keys;
    private final Certificate certificate;

    private ServerIdentity(GeneralName name) throws GeneralSecurityException, IOException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        this.keys = generator.generateKeyPair();
        this.certificate = CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(signed(content(name, Instant.now()))));
    }

    /** For a server that is reached under this address. */
    static ServerIdentity ofAddress(String ip) throws GeneralSecurityException, IOException {
        return new ServerIdentity(new GeneralName(GeneralName.iPAddress, ip));
    }

    /** For a server that is reached under this name. */
    static ServerIdentity ofHost(String name) throws GeneralSecurityException, IOException {
        return new ServerIdentity(new GeneralName(GeneralName.dNSName, name));
    }

    private TBSCertificate content(GeneralName name, Instant now) throws IOException {
        V3TBSCertificateGenerator content = new V3TBSCertificateGenerator();
        content.setSerialNumber(new ASN1Integer(BigInteger.ONE));
        content.setIssuer(new X500Name("CN=test"));
        content.setSubject(new X500Name("CN=test"));
        content.setStartDate(new Time(Date.from(now.minus(VALIDITY))));
        content.setEndDate(new Time(Date.from(now.plus(VALIDITY))));
        content.setSubjectPublicKeyInfo(
                SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded()));
        content.setSignature(ECDSA);
        content.setExtensions(new Extensions(new Extension(
                Extension.subjectAlternativeName, false, new GeneralNames(name).getEncoded(ASN1Encoding.DER))));
        return content.generateTBSCertificate();
    }

    private byte[] signed(TBSCertificate content) throws GeneralSecurityException, IOException {
        Signature signer = Signature.getInstance("SHA256withECDSA");
        signer.initSign(keys.getPrivate());
        signer.update(content.getEncoded(ASN1Encoding.DER));
        ASN1EncodableVector parts = new ASN1EncodableVector();
        parts.add(content);
        parts.add(ECDSA);
        parts.add(new DERBitString(signer.sign()));
        return new DERSequence(parts).getEncoded(ASN1Encoding.DER);
    }

    /** The sockets of the server itself. */
    ServerSocketFactory sockets() throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        store.setKeyEntry("server", keys.getPrivate(), NO_PASSWORD, new Certificate[] {certificate});
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, NO_PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context.getServerSocketFactory();
    }

    /** The TLS settings of a client that trusts this server and no other. */
    SSLContext trusted() throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        store.setCertificateEntry("server", certificate);
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        return store;
    }
}
