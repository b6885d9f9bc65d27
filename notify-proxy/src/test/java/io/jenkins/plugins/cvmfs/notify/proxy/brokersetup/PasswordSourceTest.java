package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PasswordSourceTest {

    @TempDir
    Path folder;

    @Test
    void aFileThatExistsMeanwhileIsKeptAndNamedAsTheReason() throws IOException {
        Path file = folder.resolve("amqp.pass");
        PasswordSource generated = PasswordSource.in(file);
        Files.writeString(file, "another\n");

        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(generated::save)
                .withMessageContaining(file.toString())
                .withMessageContaining("it already exists");
        assertThat(file).hasContent("another\n");
    }

    @Test
    void aMissingFolderIsNamedAsTheReason() {
        Path file = folder.resolve("missing").resolve("amqp.pass");

        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(PasswordSource.in(file)::save)
                .withMessageContaining(file.toString())
                .withMessageContaining("no such file or folder");
    }
}
