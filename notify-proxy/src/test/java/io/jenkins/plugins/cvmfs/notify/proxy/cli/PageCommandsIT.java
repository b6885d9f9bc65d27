package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.config.TokenHash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Commands of pages that have no test of their own work as they stand there. */
class PageCommandsIT {

    private static final String SERVER = "http://notify.example.org:4930";

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"security.md, Who may publish, CI of Example", "jenkins.md, Configure, jenkins"})
    void theCommandForATokenPrintsAnEntry(String page, String section, String name)
            throws IOException, InterruptedException {
        ReadmeShell.notifyProxy(folder);
        String command = ReadmeText.page(page)
                .section(section)
                .commandsThatBegin("notify-proxy token ")
                .findFirst()
                .orElseThrow();

        try (ReadmeShell shell = ReadmeShell.run(folder, Map.of(), command)) {
            shell.succeeds();

            assertThat(shell.output()).contains("{\"name\":\"" + name + "\",\"hash\":\"sha256$");
        }
    }

    @Test
    void theSignatureOfAGatewayKeyIsAccepted() throws IOException, InterruptedException {
        GuideSite.build(folder).close();
        Path key = Files.writeString(folder.resolve("sw.example.org.gw"), "plain_text key1 secret-of-the-gateway\n");
        Path config = Files.writeString(
                folder.resolve("config.json"), "{\"access\": {\"gateway_keys\": [{\"file\": \"%s\"}]}}".formatted(key));
        Files.writeString(folder.resolve("message.json"), message());
        String commands =
                ReadmeText.page("security.md").section("Who may publish").commands();

        try (JarProcess proxy = JarProcess.serve(folder, "--config", config.toString());
                ReadmeShell shell = ReadmeShell.run(
                        folder,
                        Map.of(),
                        commands.substring(commands.indexOf("read -r"))
                                .replace("/etc/cvmfs/keys/sw.example.org.gw", key.toString())
                                .replace(SERVER, proxy.uri().toString()))) {
            shell.succeeds();

            assertThat(shell.output()).contains("\"status\":\"ok\"");
        }
    }

    @Test
    void aTokenInTheUrlHasTheRepositoryReadAndAnnounced() throws IOException, InterruptedException {
        GuideSite.build(folder).close();
        ReadmeText publishers = ReadmeText.page("cvmfs.md").section("Publishers");
        TokenHash.Minted token = TokenHash.mint();
        String repositories =
                publishers.blocks("json").get(0).replace("http://stratum0.example.org/cvmfs", folder + "/stratum0");
        Path config = Files.writeString(
                folder.resolve("config.json"),
                "{%s, \"access\": {\"tokens\": [%s]}}"
                        .formatted(
                                repositories.strip(),
                                "{\"name\": \"curl\", \"hash\": \"%s\", \"refresh\": \"*\"}".formatted(token.hash())));

        try (JarProcess proxy = JarProcess.serve(folder, "--config", config.toString());
                ReadmeShell shell = ReadmeShell.run(
                        folder,
                        Map.of(),
                        publishers
                                .commandsThatBegin("curl ")
                                .findFirst()
                                .orElseThrow()
                                .replace(SERVER, proxy.uri().toString())
                                .replace("TOKEN", token.token().value()))) {
            shell.succeeds();

            assertThat(shell.output()).contains("\"repository\":\"sw.example.org\"", "\"revision\":1,");
        }
    }

    @Test
    void theJarStartsFromItsArchiveOfClasses() throws IOException, InterruptedException {
        Files.copy(Path.of(System.getProperty("notify.proxy.jar")), folder.resolve("notify-proxy.jar"));
        String commands =
                ReadmeText.page("install.md").section("Memory and threads").commands();

        try (ReadmeShell shell = ReadmeShell.run(folder, Map.of(), commands)) {
            shell.succeeds();

            assertThat(shell.output()).containsPattern("(?m)^notify-proxy [0-9]");
            assertThat(folder.resolve("notify-proxy.jsa")).isNotEmptyFile();
        }
    }

    private String message() throws IOException {
        byte[] manifest = Files.readAllBytes(folder.resolve("stratum0/sw.example.org/.cvmfspublished"));
        return """
                {"version":1,"timestamp":"","type":"activity","repository":"sw.example.org","manifest":"%s"}""".formatted(Base64.getEncoder().encodeToString(manifest));
    }
}
