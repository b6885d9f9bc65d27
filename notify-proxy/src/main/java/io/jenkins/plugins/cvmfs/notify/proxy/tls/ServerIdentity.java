package io.jenkins.plugins.cvmfs.notify.proxy.tls;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.KeyPairFiles;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.util.List;

/**
 * What one side of a connection proves itself with.
 *
 * @param key of the first certificate
 * @param chain the certificate itself, then those between it and its authority
 */
public record ServerIdentity(PrivateKey key, List<X509Certificate> chain) {

    private static final byte[] PROBE = {1, 2, 3};

    /**
     * Reads both files.
     *
     * @throws InvalidInputException if one of them cannot be used, or the key is not that of the certificate; the message names
     *     the file
     */
    public static ServerIdentity read(KeyPairFiles files) {
        List<X509Certificate> chain = CertificateFile.read(files.cert());
        PrivateKey key = PrivateKeyFile.read(files.key());
        if (!belongs(key, chain.get(0).getPublicKey())) {
            throw new InvalidInputException(
                    "the key in %s is not that of the first certificate in %s".formatted(files.key(), files.cert()));
        }
        return new ServerIdentity(key, chain);
    }

    /** The certificate that bears the name. */
    public X509Certificate certificate() {
        return chain.get(0);
    }

    private static boolean belongs(PrivateKey key, PublicKey certified) {
        try {
            Signature signature = Signature.getInstance(algorithm(key));
            signature.initSign(key);
            signature.update(PROBE);
            byte[] signed = signature.sign();
            signature.initVerify(certified);
            signature.update(PROBE);
            return signature.verify(signed);
        } catch (GeneralSecurityException otherKind) {
            return false;
        }
    }

    private static String algorithm(PrivateKey key) {
        return key instanceof RSAKey ? "SHA256withRSA" : key instanceof ECKey ? "SHA256withECDSA" : "EdDSA";
    }
}
