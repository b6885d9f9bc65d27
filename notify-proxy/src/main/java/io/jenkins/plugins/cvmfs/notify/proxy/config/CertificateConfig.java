package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * Who shows a certain TLS client certificate. Its issuer has been verified by the TLS handshake.
 *
 * @param subjectOrNull the certificate's subject; null to match by alternative name
 * @param alternativeNameOrNull a DNS name, mail address, URI or IP address among its subject alternative names; null to match by
 *     subject
 * @param grants what they may do
 */
public record CertificateConfig(
        @Nullable X500Principal subjectOrNull, @Nullable String alternativeNameOrNull, Grants grants) {

    /** @throws InvalidInputException unless it says either subject or alternative name */
    public CertificateConfig {
        if ((subjectOrNull == null) == (alternativeNameOrNull == null)) {
            throw new InvalidInputException("needs one of the keys subject and alternative_name, not both");
        }
    }

    static CertificateConfig from(ListEntry entry) {
        String subject = entry.get(AccessKeys.SUBJECT);
        String alternativeName = entry.get(AccessKeys.ALTERNATIVE_NAME);
        return new CertificateConfig(
                subject.isEmpty() ? null : principal(subject),
                alternativeName.isEmpty() ? null : alternativeName,
                AccessKeys.grants(entry));
    }

    private static X500Principal principal(String subject) {
        try {
            return new X500Principal(subject);
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException(
                    "subject: '%s' is not a name such as CN=publisher,O=Example".formatted(Excerpt.of(subject)), e);
        }
    }

    /** The certificate's subject. */
    public Optional<X500Principal> subject() {
        return Optional.ofNullable(subjectOrNull);
    }

    /** One of its subject alternative names. */
    public Optional<String> alternativeName() {
        return Optional.ofNullable(alternativeNameOrNull);
    }
}
