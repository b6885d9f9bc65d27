package io.jenkins.plugins.cvmfs.notify.proxy.tls;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** A PEM file with a private key: RSA, EC or EdDSA in PKCS#8, or RSA and EC in the older forms of OpenSSL. Not encrypted. */
final class PrivateKeyFile {

    private PrivateKeyFile() {}

    /** @throws InvalidInputException if the file cannot be read, or holds not exactly one key, or one that cannot be read */
    static PrivateKey read(Path file) {
        List<PemBlock> keys = PemBlock.read(file).stream()
                .filter(block -> block.label().endsWith("PRIVATE KEY"))
                .toList();
        if (keys.size() != 1) {
            throw new InvalidInputException("%s must hold one private key, it holds %d".formatted(file, keys.size()));
        }
        try {
            return key(info(keys.get(0), file));
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new InvalidInputException("the private key in %s cannot be read".formatted(file), e);
        }
    }

    private static PrivateKeyInfo info(PemBlock block, Path file) throws IOException {
        return switch (block.label()) {
            case "PRIVATE KEY" -> PrivateKeyInfo.getInstance(block.content());
            case "RSA PRIVATE KEY" ->
                new PrivateKeyInfo(
                        new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
                        RSAPrivateKey.getInstance(block.content()));
            case "EC PRIVATE KEY" -> ofCurve(ECPrivateKey.getInstance(block.content()));
            default ->
                throw new InvalidInputException("%s holds an '%s'; only unencrypted RSA and EC keys and PKCS#8 are read"
                        .formatted(file, block.label()));
        };
    }

    private static PrivateKeyInfo ofCurve(ECPrivateKey key) throws IOException {
        if (key.getParametersObject() == null) {
            throw new IOException("an EC key that does not name its curve");
        }
        return new PrivateKeyInfo(
                new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, key.getParametersObject()), key);
    }

    private static PrivateKey key(PrivateKeyInfo info) throws IOException, GeneralSecurityException {
        var algorithm = info.getPrivateKeyAlgorithm().getAlgorithm();
        String name = algorithm.equals(PKCSObjectIdentifiers.rsaEncryption)
                ? "RSA"
                : algorithm.equals(X9ObjectIdentifiers.id_ecPublicKey) ? "EC" : "EdDSA";
        return KeyFactory.getInstance(name).generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
    }
}
