package io.jenkins.plugins.cvmfs.notify.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DebIT {

    private static final String CONFIG = "/etc/cvmfs/notify/config.json";

    @TempDir
    Path folder;

    /**
     * One test, because each step needs what the one before it has left. A JVM that must share ends if the archive of classes does not fit
     * it, or the jar.
     */
    @Test
    void itIsInstalledServesIsUpgradedWithTheAdministratorsConfigurationAndRemoved()
            throws IOException, InterruptedException {
        ScratchRoot root = ScratchRoot.in(Files.createDirectory(folder.resolve("root")));

        root.dpkg("--install", Packages.DEB.toString());
        assertThat(Files.readString(root.path("/etc/passwd"))).contains("cvmfs-notify:");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root.path(CONFIG))))
                .as("a file that may hold a password")
                .isEqualTo("rw-r-----");
        assertThat(root.path("/var/cache/cvmfs-notify/classes.jsa")).isNotEmptyFile();
        Run.of(
                        Map.of("NOTIFY_PROXY_JAVA_OPTS", "-Xshare:on -XX:+UseSerialGC"),
                        List.of(root.path("/usr/bin/notify-proxy").toString(), "version"))
                .succeeded();
        assertThat(Run.of(
                                Map.of("NOTIFY_PROXY_JAVA_OPTS", "-Xshare:auto -XX:+UseSerialGC -Xlog:class+load"),
                                List.of(root.path("/usr/bin/notify-proxy").toString(), "version"))
                        .succeeded()
                        .output()
                        .lines())
                .as("the archive holds the command's own classes, those of Java 5 too")
                .filteredOn(
                        line -> line.contains(" picocli.CommandLine source:") || line.contains(".RootCommand source:"))
                .hasSize(2)
                .allMatch(line -> line.contains("shared objects file"));
        publishAndWait(root);
        Path token = root.path("/etc/cvmfs/notify/local.token");
        String made = Files.readString(token);
        assertThat(made).matches("cvmfs-notify_local[a-z2-7]{3}_[A-Za-z0-9_-]{43}\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(token)))
                .as("for the service and its group")
                .isEqualTo("rw-r-----");
        assertThat(Files.getAttribute(token, "unix:gid")).isEqualTo(Files.getAttribute(root.path(CONFIG), "unix:gid"));

        Files.writeString(root.path(CONFIG), "{\"port\": 4931, \"standalone\": true}");
        ScratchRoot withoutJava = root.with(Map.of("NOTIFY_PROXY_JAVA", "false"));
        withoutJava.dpkg("--install", Packages.laterDeb(folder).toString());
        assertThat(Files.readString(root.path(CONFIG))).contains("4931");
        assertThat(token).as("what publishers have read outlives an upgrade").hasContent(made);
        assertThat(command(root, "check-config", "--config", root.path(CONFIG).toString())
                        .succeeded()
                        .output())
                .contains("4931");

        root.dpkg("--remove", "cvmfs-notify");
        assertThat(root.path("/usr/bin/notify-proxy")).doesNotExist();
        assertThat(root.path("/var/cache/cvmfs-notify")).doesNotExist();
        assertThat(Files.readString(root.path(CONFIG))).contains("4931");

        Files.createDirectories(root.path("/var/lib/cvmfs-notify"));
        root.dpkg("--purge", "cvmfs-notify");
        assertThat(root.path("/etc/cvmfs")).doesNotExist();
        assertThat(root.path("/etc/default")).doesNotExist();
        assertThat(root.path("/var/lib/cvmfs-notify")).doesNotExist();
    }

    @Test
    void itNamesWhoMaintainsItWithoutTheAddressOfOthers() throws IOException, InterruptedException {
        assertThat(Run.of(List.of("dpkg-deb", "--field", Packages.DEB.toString(), "Maintainer"))
                        .succeeded()
                        .output())
                .matches("[^<\n]+ <[^@<>\\s]+@[^@<>\\s]+\\.[a-z]+>\n")
                .doesNotContain("localhost", "jenkinsci-dev");
    }

    /** The demonstration is a proxy, a publisher, a subscriber and a wait. */
    private static void publishAndWait(ScratchRoot root) throws IOException, InterruptedException {
        assertThat(command(root, "demo").succeeded().output()).contains("pipeline   continues");
    }

    private static Run command(ScratchRoot root, String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(root.path("/usr/bin/notify-proxy").toString()));
        command.addAll(List.of(arguments));
        return Run.of(command);
    }
}
