package io.jenkins.plugins.cvmfs.notify.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretTest {

    @TempDir
    Path folder;

    @Test
    void itsNewFileIsReadableByItsOwnerOnly() throws IOException {
        Path file = folder.resolve("secret");

        new Secret("hidden").writeTo(file);

        assertThat(Secret.read(file)).isEqualTo(new Secret("hidden"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    /** The image of the JDK's modules is a file system without them. */
    @Test
    void aFileSystemWithoutPermissionsIsRefused() {
        Path file = Path.of(URI.create("jrt:/secret"));

        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> new Secret("hidden").writeTo(file))
                .withMessage("cannot write " + file + ": its file system cannot keep it from other users");
    }
}
