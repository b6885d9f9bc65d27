package io.jenkins.plugins.cvmfs.notify.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first installation of docs/install.md, on one machine that is server and publisher. */
class InstallGuideIT {

    private static final Path GUIDE = Path.of("../../docs/install.md");
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final String MANIFEST =
            "C0123456789012345678901234567890123456789\nRd41d8cd98f00b204e9800998ecf8427e\n"
                    + "D240\nS7\nNsw.example.org\n--\n";

    @TempDir
    Path folder;

    @Test
    void whoeverFollowsTheGuideHasAServiceOnRabbitMqAndOnePublisherWhoMayPublish()
            throws IOException, InterruptedException {
        Run.needs("dpkg");
        Run.needs("openssl");
        Run.needs("rabbitmqctl");
        Run.needs("runuser");
        try (Machine machine = Machine.boot(Files.createDirectory(folder.resolve("machine")), Packages.DEB)) {
            machine.run("systemctl", "start", "rabbitmq-server").succeeded();

            bash(machine, withoutNetwork(blocks("1. The server", "").get(0)));
            Run ready = bash(machine, blocks("1. The server", "").get(1));

            assertThat(ready.output()).contains("\"stream\"");
            assertThat(rightsOf(machine, "config.json")).isEqualTo("640 root cvmfs-notify");
            assertThat(rightsOf(machine, "amqp.pass")).startsWith("600 cvmfs-notify");
            assertThat(rightsOf(machine, "local.token")).isEqualTo("640 root cvmfs-notify");

            List<String> token = bash(machine, blocks("2. Rights", "").get(0))
                    .output()
                    .lines()
                    .toList();
            assertThat(publish(machine).exitCode()).as("without a token").isEqualTo(9);
            machine.write("/etc/cvmfs/notify/config.json", configuration(token));
            bash(machine, "systemctl reload cvmfs-notify");
            bash(machine, lineThatBegins(token, "(umask 077"));
            bash(machine, "chown nobody /etc/cvmfs/notify.token");
            Awaitility.await("the token counts")
                    .atMost(LIMIT)
                    .untilAsserted(() -> publish(machine, "--token-file=/etc/cvmfs/notify.token")
                            .succeeded());
            assertThat(bash(machine, "curl -s http://localhost:4930/api/v1/repositories")
                            .output())
                    .contains("\"revision\":7");
        }
    }

    private static Run bash(Machine machine, String commands) throws IOException, InterruptedException {
        return machine.run("bash", "-ec", "cd /srv\n" + commands).succeeded();
    }

    private static Run publish(Machine machine, String... more) throws IOException, InterruptedException {
        machine.write("/srv/sw.example.org/.cvmfspublished", MANIFEST);
        String options = " --server=http://localhost:4930/api/v1 --repository=/srv/sw.example.org --timeout=0 ";
        return machine.run(
                "runuser",
                "--user",
                "nobody",
                "--",
                "sh",
                "-c",
                "notify-proxy publish" + options + String.join(" ", more));
    }

    private static String rightsOf(Machine machine, String file) throws IOException, InterruptedException {
        return machine.run("stat", "--format=%a %U %G", "/etc/cvmfs/notify/" + file)
                .succeeded()
                .output()
                .strip();
    }

    /** What apt-get would fetch is there already; an archive of classes would take half a minute. */
    private static String withoutNetwork(String commands) {
        assertThat(commands).contains("apt-get install ./cvmfs-notify.deb rabbitmq-server");
        return commands.replace(
                "apt-get install ./cvmfs-notify.deb rabbitmq-server",
                "NOTIFY_PROXY_JAVA=false dpkg --install --force-depends ./cvmfs-notify.deb");
    }

    /** The guide's file, with the entry that was printed instead of the guide's. */
    private static String configuration(List<String> token) throws IOException {
        return blocks("2. Rights", "json")
                .get(0)
                .replaceAll(
                        Pattern.quote("{\"name\"") + "[^}]*}",
                        lineThatBegins(token, "{\"name\"").replace("$", "\\$"));
    }

    private static String lineThatBegins(List<String> lines, String start) {
        return lines.stream().filter(line -> line.startsWith(start)).findFirst().orElseThrow();
    }

    /** The blocks of a section, in this language. */
    private static List<String> blocks(String heading, String language) throws IOException {
        String guide = Files.readString(GUIDE);
        int start = guide.indexOf("\n### " + heading + "\n");
        assertThat(start).as("a section '%s'", heading).isPositive();
        String section = guide.substring(start, guide.indexOf("\n##", start + 1));
        return Pattern.compile("(?ms)^```(\\w*)\n(.*?)^```$")
                .matcher(section)
                .results()
                .filter(block -> block.group(1).equals(language))
                .map(block -> block.group(2))
                .toList();
    }
}
