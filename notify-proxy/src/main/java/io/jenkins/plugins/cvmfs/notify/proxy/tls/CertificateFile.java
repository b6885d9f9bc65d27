package io.jenkins.plugins.cvmfs.notify.proxy.tls;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;

/** A PEM file with certificates. */
final class CertificateFile {

    private CertificateFile() {}

    /**
     * All certificates of the file, in their order; at least one.
     *
     * @throws InvalidInputException if the file cannot be read, or holds none, or one that cannot be read
     */
    static List<X509Certificate> read(Path file) {
        List<X509Certificate> certificates = PemBlock.read(file).stream()
                .filter(block -> block.label().equals("CERTIFICATE"))
                .map(block -> certificate(block.content(), file))
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
}
