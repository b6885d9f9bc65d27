package io.jenkins.plugins.cvmfs.notify.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The change-over of docs/migration.md on a machine that has the original service's package, which has the same name. */
class MigrationIT {

    private static final Path GUIDE = Path.of("../../docs/migration.md");
    private static final Pattern CHANGE_OVER =
            Pattern.compile("\\*\\*4\\. Change over\\.\\*\\*.*?```\\n(.*?)```", Pattern.DOTALL);

    /** As an administrator has changed it. */
    private static final String CONFIG = """
            {"port": 4930, "log_level": "info",
             "amqp": {"url": "localhost", "port": 5672, "vhost": "/cvmfs", "exchange": "repository.activity",
                      "user": "worker", "pass": "changed by the administrator"}}
            """;

    /** What the original's package installs, with a program that does nothing. */
    private static final Map<String, String> ORIGINAL = Map.of(
            "DEBIAN/control",
            """
            Package: cvmfs-notify
            Version: 0.1.0
            Architecture: all
            Maintainer: the original
            Description: stands in for the original service
            """,
            "DEBIAN/conffiles",
            "/etc/cvmfs/notify/config.json\n",
            "etc/cvmfs/notify/config.json",
            "{}\n",
            "etc/logrotate.d/90-cvmfs-notify-rotate-systemd",
            "/var/log/cvmfs-notify/log { }\n",
            "etc/systemd/system/cvmfs-notify.service",
            "[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n");

    @TempDir
    Path folder;

    @Test
    void theChangeOverLeavesThisServiceRunningWithTheOriginalsFile() throws IOException, InterruptedException {
        Run.needs("dpkg-deb");
        Path original = originalDeb();
        try (Machine machine = Machine.boot(Files.createDirectory(folder.resolve("machine")), Packages.DEB, original)) {
            machine.run("dpkg", "--install", "/srv/original.deb").succeeded();
            machine.write("/etc/cvmfs/notify/config.json", CONFIG);
            machine.run("systemctl", "enable", "--now", "cvmfs-notify").succeeded();

            machine.run("bash", "-ec", "cd /srv; export NOTIFY_PROXY_JAVA=false; " + changeOver())
                    .succeeded();

            assertThat(machine.read("/etc/cvmfs/notify/config.json")).isEqualTo(CONFIG);
            assertThat(machine.run("stat", "--format=%a %U %G", "/etc/cvmfs/notify/config.json")
                            .output()
                            .strip())
                    .isEqualTo("640 root cvmfs-notify");
            assertThat(machine.run("systemctl", "show", "--property=FragmentPath,ActiveState", "cvmfs-notify")
                            .output())
                    .contains("/usr/lib/systemd/system/cvmfs-notify.service", "ActiveState=active");
            assertThat(machine.run("curl", "-s", "http://localhost:4930/readyz").output())
                    .as("it is this service, and looks for the broker of the original's file")
                    .contains("broker");
        }
    }

    private Path originalDeb() throws IOException, InterruptedException {
        Path content = folder.resolve("original");
        for (Map.Entry<String, String> file : ORIGINAL.entrySet()) {
            Path path = content.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.writeString(path, file.getValue());
        }
        Path deb = folder.resolve("original.deb");
        Run.of(List.of("dpkg-deb", "-Znone", "--build", content.toString(), deb.toString()))
                .succeeded();
        return deb;
    }

    /** As in the guide; but what apt-get would do with dependencies, a test must not ask the network for. */
    private static String changeOver() throws IOException {
        Matcher commands = CHANGE_OVER.matcher(Files.readString(GUIDE));
        assertThat(commands.find()).as("the guide's fourth step").isTrue();
        return commands.group(1)
                .replace("apt-get purge", "dpkg --purge")
                .replace("apt-get install", "dpkg --install --force-depends");
    }
}
