package io.jenkins.plugins.cvmfs.notify.proxy.access;

import io.jenkins.plugins.cvmfs.notify.proxy.config.CertificateConfig;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Compares client certificates, which the TLS handshake has verified, with those of the configuration. */
final class ClientCertificates {

    /** RFC 5280: rfc822Name, dNSName, uniformResourceIdentifier, iPAddress. */
    private static final Set<Integer> TEXT_TYPES = Set.of(1, 2, 6, 7);

    private ClientCertificates() {}

    /** Whether this is such a certificate. Names in the DNS know no upper case. */
    static boolean matches(CertificateConfig config, X509Certificate certificate) {
        boolean subject = config.subject()
                .filter(certificate.getSubjectX500Principal()::equals)
                .isPresent();
        boolean alternative = config.alternativeName()
                .filter(wanted -> alternativeNames(certificate).anyMatch(wanted::equalsIgnoreCase))
                .isPresent();
        return subject || alternative;
    }

    private static Stream<String> alternativeNames(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names == null
                    ? Stream.empty()
                    : names.stream()
                            .filter(name -> TEXT_TYPES.contains(name.get(0)))
                            .map(name -> String.valueOf(name.get(1)))
                            .collect(Collectors.toSet())
                            .stream();
        } catch (CertificateParsingException e) {
            return Stream.empty();
        }
    }
}
