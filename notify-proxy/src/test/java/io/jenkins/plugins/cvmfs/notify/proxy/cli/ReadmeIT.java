package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of the README work. The RabbitMQ section has its own test. */
class ReadmeIT {

    @TempDir
    Path folder;

    @BeforeEach
    void bashAndCurlAreInstalled() {
        for (String program : new String[] {"bash", "curl"}) {
            assumeTrue(
                    Stream.of(System.getenv("PATH").split(":")).anyMatch(p -> Files.isExecutable(Path.of(p, program))),
                    () -> "the README's tour needs " + program + ", which is not installed");
        }
    }

    @Test
    void theTourAndTheCommandsForCvmfsWork() throws IOException, InterruptedException {
        ReadmeText readme = ReadmeText.read();
        Files.writeString(folder.resolve("config.json"), "{}");
        Path snapshots = replicaCommand();
        String stop = "kill $service\n";
        String tour = readme.section("Five-minute tour").commands();
        assertThat(tour).endsWith(stop);
        String commands = tour.replace(stop, "")
                + readme.section("Configuration").commands()
                + swissknife(readme)
                + inBackground(readme.section("With CVMFS clients and `cvmfs_swissknife`")
                        .commands())
                + "until [ -s '%s' ]; do sleep 0.1; done\n".formatted(snapshots)
                + "kill $! $service\n"
                + "wait $service || [ $? = 143 ]\n";

        try (ReadmeShell shell = ReadmeShell.run(folder, Map.of(), commands)) {
            shell.succeeds();

            assertThat(shell.output())
                    .contains("listening on http://127.0.0.1:" + shell.port())
                    .contains("\"repository\":\"sw.example.org\"")
                    .contains("data: {");
            assertThat(snapshots).hasContent("snapshot sw.example.org");
            assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), shell.port()).close())
                    .as("the service has ended, and not only the shell's job")
                    .isInstanceOf(ConnectException.class);
        }
    }

    /** A stranger who creates a folder of a known name first could put programs into the path. */
    @Test
    void noPredictableFolderIsUsed() throws IOException {
        assertThat(ReadmeText.read().text()).doesNotContain("/tmp/").contains("mktemp -d");
    }

    /** Replaces {@code cvmfs_server}, and records its arguments. */
    private Path replicaCommand() throws IOException {
        Path notes = folder.resolve("snapshots.txt");
        ReadmeShell.program(folder, "cvmfs_server", "#!/bin/sh\necho \"$@\" > '%s'\n".formatted(notes));
        return notes;
    }

    /** The lines for the C++ program: its arguments are ours. */
    private static String swissknife(ReadmeText readme) {
        StringBuilder commands = new StringBuilder();
        readme.text()
                .lines()
                .filter(line -> line.contains("`cvmfs_swissknife notify"))
                .map(line -> line.replaceAll(".*`cvmfs_swissknife (notify [^`]*)`.*", "notify-proxy $1"))
                .map(line -> line.replace("http://notify.example.org:4930/api/v1", "\"$CVMFS_NOTIFICATION_SERVER\"")
                        .replace("http://localhost/cvmfs/sw.example.org", "\"$tour/demo/stratum0\"")
                        .replace("-m 41", "-m 1 --verify off"))
                .forEach(line -> commands.append(line).append('\n'));
        assertThat(commands.toString().lines())
                .as("one publishes, one subscribes")
                .hasSize(2);
        return commands.toString();
    }

    private static String inBackground(String commands) {
        String endless = "--exec 'cvmfs_server snapshot \"$CVMFS_FQRN\"'\n";
        assertThat(commands).contains(endless);
        return commands.replace(endless, endless.strip() + " --verify off &\n");
    }
}
