package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
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
        String stop = "kill $service\n";
        String tour = readme.section("Five-minute tour").commands();
        assertThat(tour).endsWith(stop);
        String commands = tour.replace(stop, "")
                + readme.section("Configuration").commands()
                + swissknife(readme)
                + readme.section("With CVMFS clients and `cvmfs_swissknife`").commands()
                + stop
                + "wait $service || [ $? = 143 ]\n";

        try (ReadmeShell shell = ReadmeShell.run(folder, Map.of(), commands)) {
            shell.succeeds();

            assertThat(shell.output())
                    .contains("listening on http://127.0.0.1:" + shell.port())
                    .contains("\"repository\":\"sw.example.org\"")
                    .contains("data: {");
            assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), shell.port()).close())
                    .as("the service has ended, and not only the shell's job")
                    .isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void whoHasOnlyAShellWaitsWithoutAServer() throws IOException, InterruptedException {
        try (GuideSite site = GuideSite.build(folder);
                ReadmeShell shell = site.run(start(0).replace("--revision 42", "--revision 1"))) {
            shell.succeeds();

            assertThat(shell.output()).contains("revision 1 can be read on 2 of 2 replicas");
        }
    }

    @Test
    void whoOperatesAStratum0AnnouncesByHandAndByTheHook() throws IOException, InterruptedException {
        try (GuideSite site = GuideSite.build(folder);
                ReadmeShell shell = site.run(start(1) + "cvmfs_server publish sw.example.org\n")) {
            shell.succeeds();

            assertThat(shell.everything()).containsPattern("(?s)announced sw.example.org revision 1 .*revision 2 ");
            assertThat(site.describe()).contains("\"revision\":2,");
        }
    }

    @Test
    void whoHasNoAccessToTheStratum0HasItRead() throws IOException, InterruptedException {
        try (GuideSite site = GuideSite.build(folder);
                ReadmeShell shell = site.run(start(2).replace("\"1m\"", "\"1s\""))) {
            URI repository =
                    URI.create("http://localhost:%d/api/v1/repositories/sw.example.org".formatted(shell.port()));

            Awaitility.await()
                    .atMost(JarProcess.LIMIT)
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(HttpClient.newHttpClient()
                                    .send(HttpRequest.newBuilder(repository).build(), BodyHandlers.ofString())
                                    .body())
                            .as(shell.everything())
                            .contains("\"revision\":1,"));
        }
    }

    @Test
    void whoOperatesAReplicaTakesASnapshotAtOnce() throws IOException, InterruptedException {
        String subscribe = start(3).strip().replace("--continuous", "--continuous --verify off") + " &\n";
        try (GuideSite site = GuideSite.build(folder);
                ReadmeShell shell = site.run(subscribe
                        + start(1)
                        + "until [ -f snapshots.txt ]; do sleep 0.1; done\nkill %1\nwait %1 || [ $? = 143 ]\n")) {
            shell.succeeds();

            assertThat(folder.resolve("snapshots.txt")).hasContent("snapshot sw.example.org");
        }
    }

    /** What one of the kinds of users types. */
    private static String start(int which) throws IOException {
        return ReadmeText.read()
                .section("Which of these are you?")
                .blocks("sh")
                .get(which)
                .replace(
                        "java -jar notify-proxy/target/notify-proxy.jar",
                        "java -jar $PWD/notify-proxy/target/notify-proxy.jar");
    }

    /** A stranger who creates a folder of a known name first could put programs into the path. */
    @Test
    void noPredictableFolderIsUsed() throws IOException {
        assertThat(ReadmeText.read().text()).doesNotContain("/tmp/").contains("mktemp -d");
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
}
