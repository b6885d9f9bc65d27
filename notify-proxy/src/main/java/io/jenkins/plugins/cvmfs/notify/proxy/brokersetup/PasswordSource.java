package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Secret;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;

/** Where the password of a broker's user comes from. */
public sealed interface PasswordSource {

    /** The user must have this password. */
    record Known(Secret secret) implements PasswordSource {

        @Override
        public Secret secret(String user) {
            return secret;
        }
    }

    /** A random password for a new user; it is used only once it is saved. */
    record Generated(Secret secret, Path file) implements PasswordSource {

        private static final int BYTES = 24;

        private static Generated in(Path file) {
            byte[] random = new byte[BYTES];
            new SecureRandom().nextBytes(random);
            return new Generated(
                    new Secret(Base64.getUrlEncoder().withoutPadding().encodeToString(random)), file);
        }

        @Override
        public Secret secret(String user) {
            return secret;
        }

        @Override
        public void save() {
            secret.writeTo(file);
        }
    }

    /** No password was given; an existing user keeps its own. */
    record Unknown() implements PasswordSource {

        @Override
        public Secret secret(String user) {
            throw new InvalidInputException(
                    "the user %s needs a password: name the file that contains it, or the file to write a new one to"
                            .formatted(user));
        }
    }

    /**
     * Returns the password for a user who does not have it yet.
     *
     * @throws InvalidInputException if none was given
     */
    Secret secret(String user);

    /**
     * Writes a generated password to its file, which only the owner can read; does nothing for others.
     *
     * @throws InvalidInputException if the file cannot be written
     */
    default void save() {}

    /**
     * Reads the password in a file; if the file does not exist, generates one, which {@link #save} writes there.
     *
     * @throws InvalidInputException if the file exists but contains no password
     */
    static PasswordSource in(Path file) {
        return Files.exists(file) ? new Known(Secret.read(file)) : Generated.in(file);
    }
}
