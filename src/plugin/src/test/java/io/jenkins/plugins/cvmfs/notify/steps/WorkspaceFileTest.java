package io.jenkins.plugins.cvmfs.notify.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

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
        WorkspaceFile.Answer answer = new WorkspaceFile("repository/.cvmfspublished").read(workspace);

        // Then
        assertThat(answer.bytes).asString().isEqualTo("manifest");
        assertThat(answer.problem).isNull();
    }

    @Test
    void nothingOutsideTheWorkspaceIsRead() throws IOException {
        // Given
        Files.createSymbolicLink(workspace.resolve("link"), folder.resolve("secret"));

        // When, Then
        for (String path :
                new String[] {"../secret", "link", folder.resolve("secret").toString()}) {
            assertThat(new WorkspaceFile(path).read(workspace).problem).endsWith("is outside the workspace");
        }
    }

    @Test
    void whatIsNotARegularFileIsNotOpened() throws Exception {
        // Given a pipe, which blocks its reader until somebody writes
        Path pipe = workspace.resolve("pipe");
        assumeThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .as("mkfifo works here")
                .isZero();

        // When, Then
        assertThat(new WorkspaceFile("pipe").read(workspace).problem).isEqualTo("'pipe' is not a regular file");
        assertThat(new WorkspaceFile(".").read(workspace).problem).isEqualTo("'.' is not a regular file");
        assertThat(new WorkspaceFile("missing").read(workspace).problem).contains("does not exist");
        assertThat(new WorkspaceFile("nu\0ll").read(workspace).problem).contains("cannot be read");
    }

    @Test
    void whatIsTooLongForAManifestIsRefused() throws IOException {
        // Given
        Files.write(workspace.resolve("big"), new byte[64 * 1024 + 1]);

        // When, Then
        assertThat(new WorkspaceFile("big").read(workspace).problem).contains("65536");
    }
}
