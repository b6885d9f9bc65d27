package io.jenkins.plugins.cvmfs.notify.proxy.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jenkins.plugins.cvmfs.notify.proxy.RestartableProxy;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The programs of docs/examples/clients/README.md, run as they stand there. */
class ClientsIT {

    private static final Path PAGE = Path.of("../docs/examples/clients/README.md");
    private static final String NAME = "sample.example.org";
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"sh, sh, curl, client.sh", "python, python3, python3, client.py", "javascript, node, node, client.mjs"})
    void printsEachRevisionAlsoAfterARestart(String language, String interpreter, String needed, String file)
            throws IOException, InterruptedException {
        Optional<Path> program = Programs.find(interpreter);
        assumeTrue(program.isPresent() && Programs.find(needed).isPresent(), "no " + needed);
        assumeTrue(!language.equals("javascript") || hasFetch(program.orElseThrow()), "Node.js is older than 18");
        Path script = Files.writeString(folder.resolve(file), code(language));
        Path out = folder.resolve("out.txt");

        try (RestartableProxy proxy = new RestartableProxy()) {
            proxy.publish(NAME, 41);
            Process client = new ProcessBuilder(
                            program.orElseThrow().toString(), script.toString(), proxy.url(""), NAME)
                    .redirectOutput(out.toFile())
                    .redirectError(folder.resolve("err.txt").toFile())
                    .start();
            try {
                awaitLines(out, List.of("41"));
                proxy.publish(NAME, 42);
                awaitLines(out, List.of("41", "42"));
                proxy.stop();
                proxy.startAgain();
                proxy.publish(NAME, 43);
                awaitLines(out, List.of("41", "42", "43"));
            } finally {
                client.descendants().forEach(ProcessHandle::destroyForcibly);
                client.destroyForcibly();
            }
        }
    }

    private static boolean hasFetch(Path node) {
        return Integer.parseInt(
                        Programs.run(List.of(node.toString(), "--version")).replaceAll("^v(\\d+)[^$]*", "$1"))
                >= 18;
    }

    private void awaitLines(Path out, List<String> expected) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(Files.readAllLines(out))
                        .as("standard error: %s", Files.readString(folder.resolve("err.txt")))
                        .isEqualTo(expected));
    }

    private static String code(String language) throws IOException {
        Matcher block =
                Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(PAGE));
        assertThat(block.find())
                .as("docs/examples/clients/README.md has a program in " + language)
                .isTrue();
        return block.group(1);
    }
}
