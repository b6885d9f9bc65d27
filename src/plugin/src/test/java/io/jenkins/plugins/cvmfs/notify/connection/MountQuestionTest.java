package io.jenkins.plugins.cvmfs.notify.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.transport.MountReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an agent does, and what Jenkins makes of its answer. */
final class MountQuestionTest {

    private static final RepositoryName REPOSITORY = new RepositoryName("sw.example.org");

    @TempDir
    private Path folder;

    @Test
    void anAgentReadsItsMountAndLooksForPaths() throws Exception {
        // Given
        Path root = Files.createDirectories(folder.resolve("sw.example.org"));
        Path there = Files.createDirectories(root.resolve("releases/1"));
        attribute(root, "revision", "7");
        attribute(root, "fqrn", "sw.example.org");
        MountQuestion question =
                copy(new MountQuestion(root.toString(), List.of(there.toString(), root + "/releases/2")));

        // When
        MountQuestion.Served served;
        try (MountReader reader = MountReader.ofThisMachine()) {
            served = question.read(question.answer(reader).join());
        }

        // Then
        assertThat(served.revision().revision()).isEqualTo(new Revision(7));
        assertThat(served.revision().repository()).isEqualTo(REPOSITORY);
        assertThat(served.paths()).containsEntry(there.toString(), true).containsEntry(root + "/releases/2", false);
    }

    @Test
    void anAgentWithoutTheMountSaysSo() {
        // Given
        MountQuestion question = new MountQuestion(folder + "/sw.example.org", List.of());

        // When, Then
        String[] answer = question.call();
        assertThatThrownBy(() -> question.read(answer))
                .isInstanceOf(TransientFailureException.class)
                .hasMessage(folder
                        + "/sw.example.org: not mounted: there is no such folder, and automount does not make it");
    }

    @Test
    void aReadThatAnEarlierConnectionLeftInTheMountKeepsOthersOut() throws Exception {
        // Given
        String root = folder.resolve("sw.example.org").toString();
        MountQuestion question = new MountQuestion(root, List.of());
        AtomicBoolean isStopped = new AtomicBoolean(true);
        Thread earlier = new Thread(
                () -> {
                    while (isStopped.get()) {
                        Thread.onSpinWait();
                    }
                },
                MountReader.THREAD_PREFIX + root + "-1");
        earlier.setDaemon(true);
        earlier.start();

        // When
        String[] during = question.call();
        isStopped.set(false);
        earlier.join();
        String[] afterwards = question.call();

        // Then
        assertThatThrownBy(() -> question.read(during)).hasMessageContaining("a read of an earlier connection");
        assertThatThrownBy(() -> question.read(afterwards)).hasMessageContaining("not mounted");
    }

    private static void attribute(Path path, String name, String value) throws IOException {
        try {
            Files.getFileAttributeView(path, UserDefinedFileAttributeView.class)
                    .write(name, StandardCharsets.UTF_8.encode(value));
        } catch (FileSystemException | UnsupportedOperationException e) {
            Assumptions.abort("this file system has no extended attributes: " + e);
        }
    }

    /** As it comes to the agent. */
    private static MountQuestion copy(MountQuestion question) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(question);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return (MountQuestion) in.readObject();
        }
    }

    @Test
    void anAnswerThatIsTooLongOrHasANullOrNonsenseIsRefused() {
        MountQuestion question = new MountQuestion("/cvmfs/sw.example.org", List.of());

        for (String[] answer : new String[][] {
            {},
            {"1"},
            {"1", "", "7", ""},
            {"1", "", null, "", ""},
            {"1", "x".repeat(1001), "", "", ""},
            {"1", "", "seven", "", ""},
            {"1", "", "7", "no hash", ""},
            {"1", "", "7", "", "not a name!"},
            {"11", "", "7", "", ""}
        }) {
            assertThatThrownBy(() -> question.read(answer)).isInstanceOf(TransientFailureException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "releases/1",
                "/releases",
                "/cvmfs/other.example.org/a",
                "/cvmfs/sw.example.org.evil/a",
                "/cvmfs/sw.example.org/../other.example.org",
                "/cvmfs/sw.example.org/a/..",
                "/cvmfs/sw.example.org/./a",
                "/cvmfs/sw.example.org/a\nb"
            })
    void aPathMustBeOneOfTheRepository(String path) {
        assertThatThrownBy(() -> AgentSelection.withLabel("cvmfs", REPOSITORY, path))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("must begin with /cvmfs/sw.example.org/");
    }

    @Test
    void aPathOfTheRepositoryIsTaken() {
        assertThat(AgentSelection.withLabel("cvmfs", REPOSITORY, "/cvmfs/sw.example.org/a..b/c d/")
                        .path())
                .isEqualTo("/cvmfs/sw.example.org/a..b/c d");
        assertThat(AgentSelection.named("", REPOSITORY, null).text()).isEqualTo("online with name 'built-in'");
    }
}
