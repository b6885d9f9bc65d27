package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyCommandTest {

    @TempDir
    static Path folder;

    private static SampleRepository repository;
    private static String key;

    @BeforeAll
    static void signedRepository() throws IOException {
        repository = SampleRepository.create(
                folder.resolve("repository"),
                new RepositoryName("test.example.org"),
                HashAlgorithm.SHA1,
                Clock.systemUTC());
        key = Files.writeString(folder.resolve("master.pub"), repository.masterKeyPem())
                .toString();
    }

    @Test
    void aRepositorySignedByATrustedKeyIsTrusted() {
        CommandRun run =
                CommandRun.of("verify", "--key", key, repository.folder().toString());

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .startsWith("trusted: test.example.org revision 1, root catalog "
                        + repository.manifest().rootCatalog())
                .contains("signed by CN=test.example.org", "whitelist valid until ");
    }

    @Test
    void aManifestInAFileIsVerifiedWithTheFilesOfItsRepository() throws IOException {
        Path saved = Files.write(folder.resolve("saved"), repository.manifestBytes());

        CommandRun run = CommandRun.of(
                "verify", "-k", key, "--from", repository.folder().toString(), "--json", saved.toString());

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode json = new JsonMapper().readTree(run.out());
        assertThat(json.path("trusted").asBoolean()).isTrue();
        assertThat(json.path("repository").asText()).isEqualTo("test.example.org");
        assertThat(json.path("revision").asInt()).isEqualTo(1);
    }

    @Test
    void aChangedManifestIsNotTrusted() throws IOException {
        byte[] changed = repository.manifestBytes();
        changed[1] ^= 1;
        Path saved = Files.write(folder.resolve("changed"), changed);

        CommandRun run =
                CommandRun.of("verify", "-k", key, "--from", repository.folder().toString(), saved.toString());

        assertThat(run.exitCode()).isEqualTo(5);
        assertThat(run.out()).startsWith("NOT TRUSTED: ").contains("bad_signature");
    }

    @Test
    void aNameOtherThanTheExpectedOneIsNotTrusted() throws IOException {
        CommandRun run = CommandRun.of(
                "verify",
                "-k",
                key,
                "--name",
                "other.example.org",
                "--json",
                repository.folder().toString());

        assertThat(run.exitCode()).isEqualTo(5);
        JsonNode json = new JsonMapper().readTree(run.out());
        assertThat(json.path("trusted").asBoolean()).isFalse();
        assertThat(json.path("reason").asText()).isEqualTo("wrong_name");
    }

    @Test
    void aFileNeedsItsRepositoryAsAnArgument() throws IOException {
        Path saved = Files.write(folder.resolve("lonely"), repository.manifestBytes());

        CommandRun run = CommandRun.of("verify", "-k", key, saved.toString());

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("--from");
    }

    @Test
    void unreadableFilesHaveDifferentExitCodes() throws IOException {
        String nothing = folder.resolve("nothing").toString();
        String noManifest = Files.writeString(folder.resolve("text"), "hello\n").toString();
        String unreachable = "http://127.0.0.1:1/cvmfs/test.example.org";

        assertThat(CommandRun.of("verify", "-k", key, nothing).exitCode()).isEqualTo(7);
        assertThat(CommandRun.of("verify", "-k", key, "--from", nothing, noManifest)
                        .exitCode())
                .isEqualTo(8);
        assertThat(CommandRun.of("verify", "-k", key, unreachable).exitCode()).isEqualTo(6);
        assertThat(CommandRun.of("verify", "-k", nothing, repository.folder().toString())
                        .exitCode())
                .isEqualTo(1);
        assertThat(CommandRun.of("verify", "ftp://example.org/x").exitCode()).isEqualTo(1);
    }

    @Test
    void aMissingWhitelistIsAFailedDownload() throws IOException {
        Path saved = Files.write(folder.resolve("alone"), repository.manifestBytes());
        Path empty = Files.createDirectory(folder.resolve("empty"));

        CommandRun run = CommandRun.of("verify", "-k", key, "--from", empty.toString(), saved.toString());

        assertThat(run.exitCode()).isEqualTo(6);
    }
}
