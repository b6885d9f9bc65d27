package io.jenkins.plugins.cvmfs.notify.client.sample;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.time.Instant;

/** Certificates that no repository should have. */
public final class OddCertificates {

    private OddCertificates() {}

    /** A certificate for this key, PEM; signed with an RSA key that is thrown away. */
    public static String withKey(PublicKey key) throws Exception {
        KeyPair pair = new KeyPair(key, rsa().getPrivate());
        return SigningKeys.pem("CERTIFICATE", SigningKeys.selfSignedCertificate(pair, "odd", Instant.EPOCH));
    }

    /** A certificate for this name, PEM. */
    public static String named(String commonName) throws Exception {
        return SigningKeys.pem("CERTIFICATE", SigningKeys.selfSignedCertificate(rsa(), commonName, Instant.EPOCH));
    }

    private static KeyPair rsa() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(1024);
        return generator.generateKeyPair();
    }
}
