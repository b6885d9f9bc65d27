package io.jenkins.plugins.cvmfs.notify.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WorkspaceFileTest {

    @TempDir
    private Path folder;

    private Path workspace;

    @BeforeEach
    void makeWorkspace() throws IOException {
        workspace = Files.createDirectories(folder.resolve("workspace"));
        Files.writeString(folder.resolve("secret"), "secret");
    }

    @Test
    void aFileInTheWorkspaceIsRead() throws IOException {
        // Given
        Files.createDirectories(workspace.resolve("repository"));
        Files.writeString(workspace.resolve("repository/.cvmfspublished"), "manifest");

        // When
        byte[] bytes = new WorkspaceFile("repository/.cvmfspublished").read(workspace);

        // Then
        assertThat(bytes).asString().isEqualTo("manifest");
    }

    @Test
    void nothingOutsideTheWorkspaceIsRead() throws IOException {
        // Given
        Files.createSymbolicLink(workspace.resolve("link"), folder.resolve("secret"));

        // When, Then
        for (String path :
                new String[] {"../secret", "link", folder.resolve("secret").toString()}) {
            assertThatThrownBy(() -> new WorkspaceFile(path).read(workspace))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("not in the workspace");
        }
    }

    @Test
    void whatIsTooLongForAManifestIsRefused() throws IOException {
        // Given
        Files.write(workspace.resolve("big"), new byte[64 * 1024 + 1]);

        // When, Then
        assertThatThrownBy(() -> new WorkspaceFile("big").read(workspace)).hasMessageContaining("65536");
    }
}
