package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VerifyOptionsTest {

    private static final RepositoryName NAME = new RepositoryName("soft.example.org");

    @TempDir
    Path etc;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CVMFS_SERVER_URL=http://s1.example.org/cvmfs/@fqrn@;http://s2.example.org/cvmfs/soft.example.org",
                "export CVMFS_SERVER_URL = \"http://s1.example.org/cvmfs/@fqrn@ | http://s2.example.org/cvmfs/@fqrn@\" # two",
                "CVMFS_SERVER_URL=http://old.example.org/@fqrn@\nCVMFS_SERVER_URL='http://s1.example.org/cvmfs/@fqrn@;"
                        + "http://s2.example.org/cvmfs/@org@.example.org;'"
            })
    void theServersAreParsedAsCvmfsDoes(String conf) throws IOException {
        write("CVMFS_X=1\n# CVMFS_SERVER_URL=http://comment.example.org\n" + conf + "\n");

        assertThat(VerifyOptions.ClientConfig.servers(etc, NAME))
                .extracting(Object::toString)
                .containsExactly(
                        "http://s1.example.org/cvmfs/soft.example.org", "http://s2.example.org/cvmfs/soft.example.org");
    }

    @Test
    void anUnknownRepositoryHasNoServers() throws IOException {
        assertThat(VerifyOptions.ClientConfig.servers(etc, NAME)).isEmpty();

        write("CVMFS_OTHER=1\n");
        assertThat(VerifyOptions.ClientConfig.servers(etc, NAME)).isEmpty();
    }

    @Test
    void anInvalidUrlIsRefused() throws IOException {
        write("CVMFS_SERVER_URL=ftp://s1.example.org/x\n");

        assertThatThrownBy(() -> VerifyOptions.ClientConfig.servers(etc, NAME))
                .isInstanceOf(InvalidInputException.class);
    }

    private void write(String conf) throws IOException {
        Path folder = Files.createDirectories(etc.resolve("repositories.d").resolve(NAME.value()));
        Files.writeString(folder.resolve("client.conf"), conf);
    }
}
