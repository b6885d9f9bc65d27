package io.jenkins.plugins.cvmfs.notify.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packages under a real systemd, with all that their units allow and forbid. */
class SystemdIT {

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final String SERVER = "http://localhost:4930";
    private static final String MANIFEST =
            "C0123456789012345678901234567890123456789\nRd41d8cd98f00b204e9800998ecf8427e\n"
                    + "D240\nS7\nNsw.example.org\n--\n";

    /** Asks again and again until it is told to stop; each answer's exit code is a line: 7 is a connection that was refused. */
    private static final String CLIENT = "until [ -e /tmp/stop ]; do" + " curl -s -o /dev/null --max-time 60 " + SERVER
            + "/healthz; echo $? >> /tmp/codes; done";

    private static final String INSTALL_DEB = "dpkg --install /srv/cvmfs-notify.deb";

    /** The archive of classes would be written for half a minute; DebIT sees it. */
    private static final String WITHOUT_ARCHIVE = "NOTIFY_PROXY_JAVA=false ";

    @TempDir
    Path folder;

    @Test
    void nobodyIsRefusedWhileTheServiceIsRestartedAndUpgradedOnlyOnceItIsRemoved()
            throws IOException, InterruptedException {
        Run.needs("dpkg");
        Path later = Packages.laterDeb(folder);
        try (Machine machine = Machine.boot(empty("machine"), Packages.DEB, later)) {
            installAndStart(machine, INSTALL_DEB);
            publish(machine);
            assertThat(publishAs(machine, "nobody").exitCode())
                    .as("may not read the local token")
                    .isEqualTo(9);
            machine.run("usermod", "--append", "--groups", "cvmfs-notify", "nobody")
                    .succeeded();
            publishAs(machine, "nobody").succeeded();
            Process client = machine.start(CLIENT);

            for (String change : List.of(
                    "systemctl restart cvmfs-notify",
                    "systemctl reload cvmfs-notify",
                    "systemctl kill --signal=KILL cvmfs-notify",
                    WITHOUT_ARCHIVE + "dpkg --install /srv/later.deb")) {
                int before = answers(machine);
                machine.run("sh", "-c", change).succeeded();
                Awaitility.await(change + " and answers after it")
                        .atMost(LIMIT)
                        .until(() -> answers(machine) > before + 3);
            }
            machine.write("/tmp/stop", "");
            client.waitFor();

            assertThat(machine.read("/tmp/codes").lines())
                    .as("curl's exit codes")
                    .doesNotContain("7");
            assertThat(machine.run("curl", "-s", SERVER + "/api/v1/repositories")
                            .output())
                    .as("kept in the state folder")
                    .contains("\"revision\":7");
            machine.run("dpkg", "--remove", "cvmfs-notify").succeeded();
            assertRemoved(machine);
            assertThat(machine.read("/etc/cvmfs/notify/config.json")).contains("standalone");
        }
    }

    /** Systemd gives a unit up after five starts in ten seconds, and its socket with it; whoever comes then is refused. */
    @Test
    void whileTheServiceCannotStartClientsWaitInsteadOfBeingRefused() throws IOException, InterruptedException {
        Run.needs("dpkg");
        try (Machine machine = Machine.boot(empty("machine"), Packages.DEB)) {
            installAndStart(machine, INSTALL_DEB);
            machine.write("/etc/default/cvmfs-notify", "NOTIFY_PROXY_JAVA=/bin/false\n");
            machine.write(
                    "/etc/systemd/system/cvmfs-notify.service.d/hurry.conf",
                    "[Service]\nRestartSec=100ms\nRestartSteps=0\n");
            machine.run("systemctl", "daemon-reload").succeeded();

            assertThat(machine.run("systemctl", "restart", "cvmfs-notify").exitCode())
                    .isNotZero();
            Awaitility.await("restarts")
                    .atMost(LIMIT)
                    .until(() -> Integer.parseInt(property(machine, "NRestarts")) > 5
                            || property(machine, "ActiveState").equals("failed"));
            Process client = machine.start(CLIENT);
            machine.write("/etc/default/cvmfs-notify", "");

            Awaitility.await("an answer").atMost(LIMIT).until(() -> answers(machine) > 0);
            machine.write("/tmp/stop", "");
            client.waitFor();
            assertThat(machine.read("/tmp/codes").lines()).containsOnly("0");
        }
    }

    @Test
    void aReplicaTakesASnapshotOfEachNewRevision() throws IOException, InterruptedException {
        Run.needs("dpkg");
        try (Machine machine = Machine.boot(empty("machine"), Packages.DEB)) {
            installAndStart(machine, INSTALL_DEB);
            machine.write("/usr/local/bin/cvmfs_server", "#!/bin/sh\necho \"$@ at $CVMFS_REVISION\" > /run/snapshot\n");
            machine.run("chmod", "+x", "/usr/local/bin/cvmfs_server").succeeded();
            machine.write("/etc/cvmfs/notify/snapshot.env", "CVMFS_NOTIFICATION_SERVER=" + SERVER + "/api/v1\n");

            machine.run("systemctl", "enable", "--now", "cvmfs-notify-snapshot@sw.example.org.service")
                    .succeeded();
            publish(machine);

            Awaitility.await("a snapshot")
                    .atMost(LIMIT)
                    .untilAsserted(
                            () -> assertThat(machine.run("cat", "/run/snapshot").output())
                                    .isEqualTo("snapshot sw.example.org at 7\n"));
        }
    }

    @Test
    void theRpmIsInstalledServesIsInstalledAgainAndRemoved() throws IOException, InterruptedException {
        Run.needs("rpm");
        try (Machine machine = Machine.boot(empty("machine"), Packages.RPM)) {
            installAndStart(machine, "rpm --install --nodeps /srv/cvmfs-notify.rpm");
            publish(machine);

            machine.run("sh", "-c", WITHOUT_ARCHIVE + "rpm --upgrade --nodeps --replacepkgs /srv/cvmfs-notify.rpm")
                    .succeeded();
            assertThat(machine.run("curl", "-s", SERVER + "/api/v1/repositories")
                            .output())
                    .contains("\"revision\":7");
            machine.run("rpm", "--erase", "cvmfs-notify").succeeded();
            assertThat(machine.run("test", "-e", "/etc/cvmfs/notify/local.token")
                            .exitCode())
                    .isNotZero();

            assertRemoved(machine);
        }
    }

    private Path empty(String name) throws IOException {
        return Files.createDirectory(folder.resolve(name));
    }

    /** As docs/install.md says. */
    private static void installAndStart(Machine machine, String install) throws IOException, InterruptedException {
        machine.run("sh", "-c", WITHOUT_ARCHIVE + install).succeeded();
        assertThat(machine.run("curl", "-s", SERVER + "/readyz").exitCode())
                .as("not started by the installation")
                .isEqualTo(7);
        machine.run("systemctl", "enable", "--now", "cvmfs-notify.socket", "cvmfs-notify.service")
                .succeeded();
        assertThat(machine.run("curl", "-s", SERVER + "/readyz").succeeded().output())
                .contains("/var/lib/cvmfs-notify/");
        assertThat(property(machine, "StatusText")).startsWith("listening on http://");
    }

    private static void publish(Machine machine) throws IOException, InterruptedException {
        machine.write("/srv/sw.example.org/.cvmfspublished", MANIFEST);
        machine.run("notify-proxy", "publish", "--server", SERVER + "/api/v1", "--repository", "/srv/sw.example.org")
                .succeeded();
    }

    private static Run publishAs(Machine machine, String user) throws IOException, InterruptedException {
        return machine.run(
                "runuser",
                "--user",
                user,
                "--",
                "notify-proxy",
                "publish",
                "--server=" + SERVER + "/api/v1",
                "--repository=/srv/sw.example.org",
                "--timeout=0");
    }

    private static int answers(Machine machine) throws IOException, InterruptedException {
        return (int) machine.run("cat", "/tmp/codes")
                .output()
                .lines()
                .filter("0"::equals)
                .count();
    }

    private static String property(Machine machine, String name) throws IOException, InterruptedException {
        return machine.run("systemctl", "show", "--value", "--property=" + name, "cvmfs-notify.service")
                .succeeded()
                .output()
                .strip();
    }

    private static void assertRemoved(Machine machine) throws IOException, InterruptedException {
        assertThat(machine.run("curl", "-s", SERVER + "/readyz").exitCode())
                .as("refused")
                .isEqualTo(7);
        assertThat(machine.run("systemctl", "list-units", "--all", "--no-legend", "cvmfs-notify*")
                        .output())
                .isBlank();
        assertThat(machine.run("test", "-e", "/usr/bin/notify-proxy").exitCode())
                .isNotZero();
    }
}
