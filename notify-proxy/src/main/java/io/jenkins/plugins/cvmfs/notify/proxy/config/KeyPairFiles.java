package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The PEM files of a certificate and its private key.
 *
 * @param cert the certificate, followed by those between it and its authority
 * @param key the private key
 */
public record KeyPairFiles(Path cert, Path key) {

    static Optional<KeyPairFiles> of(@Nullable Path cert, @Nullable Path key) {
        return cert == null || key == null ? Optional.empty() : Optional.of(new KeyPairFiles(cert, key));
    }

    /** @throws InvalidInputException if there is only one of them */
    static void require(String section, @Nullable Path cert, @Nullable Path key) {
        if ((cert == null) != (key == null)) {
            throw new InvalidInputException(
                    "%1$s.cert_file and %1$s.key_file: both or none must be given".formatted(section));
        }
    }
}
