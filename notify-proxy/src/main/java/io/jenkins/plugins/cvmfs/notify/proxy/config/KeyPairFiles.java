package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The PEM files of a certificate and its private key.
 *
 * @param cert the certificate, followed by those between it and its authority
 * @param key the private key
 */
public record KeyPairFiles(Path cert, Path key) {

    /** @throws InvalidInputException if only one of the keys has a value */
    static Optional<KeyPairFiles> from(
            ConfigValues values, ConfigKey<Optional<Path>> certKey, ConfigKey<Optional<Path>> keyKey) {
        Optional<Path> cert = values.get(certKey);
        Optional<Path> key = values.get(keyKey);
        if (cert.isPresent() != key.isPresent()) {
            throw new InvalidInputException(
                    "%s and %s: both or none must be given".formatted(certKey.path(), keyKey.path()));
        }
        return cert.map(file -> new KeyPairFiles(file, key.orElseThrow()));
    }
}
