package io.jenkins.plugins.cvmfs.notify.proxy.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.jenkins.plugins.cvmfs.notify.client.FileProblem;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.KeyPairFiles;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/**
 * The key and the certificates with which one side of a connection proves its identity, read from PEM files. A key is RSA, EC or
 * EdDSA in PKCS#8, or RSA or EC in the older forms of OpenSSL, which Netty's own reader does not know (docs/decisions/0070); it is
 * not encrypted.
 *
 * @param key of the first certificate
 * @param chain the certificate itself, then those between it and its authority
 */
public record TlsIdentity(PrivateKey key, List<X509Certificate> chain) {

    private static final long MAX_FILE_BYTES = 4L << 20;
    private static final Pattern BLOCK = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");
    private static final Pattern ENCRYPTED =
            Pattern.compile("-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: *4, *ENCRYPTED");
    private static final Pattern SPACE = Pattern.compile("\\s+");
    private static final byte[] PROBE = {1, 2, 3};

    /**
     * Reads both files; blocks.
     *
     * @throws InvalidInputException if one of them cannot be used, or the key is not that of the first certificate; the message
     *     names the file
     */
    public static TlsIdentity read(KeyPairFiles files) {
        List<X509Certificate> chain = certificates(files.cert());
        PrivateKey key = privateKey(files.key());
        for (int i = 0; i < chain.size(); i++) {
            if (belongs(key, chain.get(i).getPublicKey())) {
                if (i == 0) {
                    return new TlsIdentity(key, chain);
                }
                throw new InvalidInputException(
                        "the key in %s is not that of the first certificate in %s but of number %d, which must come first"
                                .formatted(files.key(), files.cert(), i + 1));
            }
        }
        throw new InvalidInputException(
                "the key in %s is not that of the first certificate in %s".formatted(files.key(), files.cert()));
    }

    /**
     * Makes the TLS context of a client; blocks on the files.
     *
     * @param caFile PEM file with the authorities to trust; empty means the JVM's
     * @param identity for servers that ask for a certificate; empty means none
     * @throws InvalidInputException if a file cannot be used; the message names it
     */
    public static SSLContext clientContext(Optional<Path> caFile, Optional<KeyPairFiles> identity) {
        SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(SslProvider.JDK);
        caFile.map(TlsIdentity::certificates).ifPresent(builder::trustManager);
        identity.map(TlsIdentity::read).ifPresent(own -> builder.keyManager(own.key, own.chain));
        try {
            return ((JdkSslContext) builder.build()).context();
        } catch (SSLException e) {
            throw new InvalidInputException("the certificates cannot be used for TLS: " + e.getMessage(), e);
        }
    }

    /** Returns the certificate of the key. */
    public X509Certificate certificate() {
        return chain.get(0);
    }

    /**
     * Reads all certificates of a file, in their order; at least one. Other content of the file is ignored.
     *
     * @throws InvalidInputException if the file cannot be read, or holds none, or one that cannot be read
     */
    public static List<X509Certificate> certificates(Path file) {
        List<X509Certificate> certificates = BLOCK.matcher(text(file))
                .results()
                .filter(block -> block.group(1).equals("CERTIFICATE"))
                .map(block -> certificate(content(block, file), file))
                .toList();
        if (certificates.isEmpty()) {
            throw new InvalidInputException("no certificate in " + file);
        }
        return certificates;
    }

    private static X509Certificate certificate(byte[] der, Path file) {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (CertificateException e) {
            throw new InvalidInputException(
                    "a certificate in %s cannot be read: %s".formatted(file, e.getMessage()), e);
        }
    }

    /** @throws InvalidInputException if the file cannot be read, or holds not exactly one key, or one that cannot be read */
    static PrivateKey privateKey(Path file) {
        String text = text(file);
        List<MatchResult> keys = BLOCK.matcher(text)
                .results()
                .filter(block -> block.group(1).endsWith("PRIVATE KEY"))
                .toList();
        boolean plain = keys.size() == 1 && !keys.get(0).group(1).equals("ENCRYPTED PRIVATE KEY");
        if (!plain && ENCRYPTED.matcher(text).find()) {
            throw new InvalidInputException(
                    "the private key in %1$s is encrypted; only unencrypted keys can be used. To decrypt it: openssl pkey -in %1$s -out NEW_FILE"
                            .formatted(file));
        }
        if (keys.size() != 1) {
            throw new InvalidInputException("%s must hold one private key, it holds %d".formatted(file, keys.size()));
        }
        try {
            PrivateKeyInfo info = info(keys.get(0).group(1), content(keys.get(0), file), file);
            var algorithm = info.getPrivateKeyAlgorithm().getAlgorithm();
            String name = algorithm.equals(PKCSObjectIdentifiers.rsaEncryption)
                    ? "RSA"
                    : algorithm.equals(X9ObjectIdentifiers.id_ecPublicKey) ? "EC" : "EdDSA";
            return KeyFactory.getInstance(name).generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new InvalidInputException("the private key in %s cannot be read".formatted(file), e);
        }
    }

    private static PrivateKeyInfo info(String label, byte[] der, Path file) throws IOException {
        return switch (label) {
            case "PRIVATE KEY" -> PrivateKeyInfo.getInstance(der);
            case "RSA PRIVATE KEY" ->
                new PrivateKeyInfo(
                        new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
                        RSAPrivateKey.getInstance(der));
            case "EC PRIVATE KEY" -> {
                ECPrivateKey key = ECPrivateKey.getInstance(der);
                if (key.getParametersObject() == null) {
                    throw new IOException("an EC key that does not name its curve");
                }
                yield new PrivateKeyInfo(
                        new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, key.getParametersObject()), key);
            }
            default ->
                throw new InvalidInputException(
                        "%s holds an '%s'; only RSA and EC keys of OpenSSL and PKCS#8 are read".formatted(file, label));
        };
    }

    private static String text(Path file) {
        try {
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw new InvalidInputException("file %s is longer than %d bytes".formatted(file, MAX_FILE_BYTES));
            }
            return Files.readString(file, ISO_8859_1);
        } catch (NoSuchFileException e) {
            throw new InvalidInputException("there is no file " + file, e);
        } catch (IOException e) {
            throw new InvalidInputException("file %s cannot be read: %s".formatted(file, FileProblem.reason(e)), e);
        }
    }

    private static byte[] content(MatchResult block, Path file) {
        try {
            return Base64.getDecoder().decode(SPACE.matcher(block.group(2)).replaceAll(""));
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException("the content of a block in %s is not base64".formatted(file), e);
        }
    }

    private static boolean belongs(PrivateKey key, PublicKey certified) {
        try {
            String algorithm =
                    key instanceof RSAKey ? "SHA256withRSA" : key instanceof ECKey ? "SHA256withECDSA" : "EdDSA";
            Signature signature = Signature.getInstance(algorithm);
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
}
