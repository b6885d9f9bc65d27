package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Secret;
import io.jenkins.plugins.cvmfs.notify.proxy.config.SecretFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;

/** Where the password of a broker's user comes from. */
public sealed interface PasswordSource {

    /** It is known, and the user is to have it. */
    record Known(Secret secret) implements PasswordSource {}

    /** It was made up for a new user; nobody knows it before it is kept. */
    record Fresh(Secret secret, Path file) implements PasswordSource {

        private static final int BYTES = 24;

        private static Fresh in(Path file) {
            byte[] random = new byte[BYTES];
            new SecureRandom().nextBytes(random);
            return new Fresh(new Secret(Base64.getUrlEncoder().withoutPadding().encodeToString(random)), file);
        }

        @Override
        public void keep() {
            try {
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                Files.writeString(file, secret.value() + "\n");
            } catch (IOException e) {
                throw new InvalidInputException("the new password cannot be kept in %s: %s".formatted(file, e), e);
            }
        }
    }

    /** Nobody said; a user that is there keeps the one it has. */
    record Unknown() implements PasswordSource {}

    /**
     * Writes a fresh one to its file, which only the owner can read; nothing is to be done for others.
     *
     * @throws InvalidInputException if the file cannot be written
     */
    default void keep() {}

    /**
     * The one in a file; if there is no such file, a fresh one, which is written there when it is needed.
     *
     * @throws InvalidInputException if there is a file, but no password in it
     */
    static PasswordSource in(Path file) {
        return Files.exists(file) ? new Known(SecretFile.read(file)) : Fresh.in(file);
    }
}
