package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/cvmfs.md tells people to type works. */
class CvmfsGuideIT {

    private static final Pattern ANNOUNCED = Pattern.compile("announced sw\\.example\\.org revision 2 ");

    @TempDir
    Path folder;

    private GuideSite site;
    private ReadmeText guide;

    @BeforeEach
    void buildSite() throws IOException {
        site = GuideSite.build(folder);
        guide = ReadmeText.page("cvmfs.md");
    }

    @AfterEach
    void closeSite() {
        site.close();
    }

    @Test
    void theCommandForATokenSaysWhatToDoOnBothSides() throws IOException, InterruptedException {
        try (ReadmeShell shell = site.run(guide.section("The right to publish").commands())) {
            shell.succeeds();

            assertThat(shell.output())
                    .contains("\"publish\":[\"*.example.org\"]")
                    .contains("> /etc/cvmfs/notify.token)", "notify-proxy publish --server http://");
        }
    }

    @Test
    void theHookAnnouncesWhatIsPublished() throws IOException, InterruptedException {
        try (ReadmeShell shell = site.run(
                String.join("", guide.section("Publishers").blocks("sh").subList(0, 3)))) {
            shell.succeeds();

            assertThat(ANNOUNCED.matcher(shell.everything()).results())
                    .as("once by the hook, once by hand: %s", shell.everything())
                    .hasSize(2);
            assertThat(site.describe()).contains("\"revision\":2,");
        }
    }

    @Test
    void aPublishSucceedsAlsoWhereItCannotBeAnnounced() throws IOException, InterruptedException {
        site.close();
        List<String> blocks = guide.section("Publishers").blocks("sh");

        try (ReadmeShell shell =
                site.run(blocks.get(0).replace("hook install", "hook install --timeout 0") + blocks.get(1))) {
            shell.succeeds();

            assertThat(shell.everything()).contains("sw.example.org is published, but it was not announced");
        }
    }

    @Test
    void replicasTakeASnapshotAndAnnounceItAgain() throws IOException, InterruptedException {
        String commands = guide.section("Replicas").commands();
        assertThat(commands).containsPattern("(?s)cvmfs_server snapshot.* &\n.*cvmfs_server snapshot.* &\n$");
        String publish = "cvmfs_server publish sw.example.org\n"
                + "notify-proxy publish --server http://notify.example.org:4930/api/v1 --token-file /etc/cvmfs/notify.token --repository \"$PWD/stratum0/sw.example.org\"\n";
        String wait =
                "until [ -f replica/sw.example.org/.cvmfspublished ] && grep -q 'announced sw' stderr.txt; do sleep 0.1; done\n"
                        + "until [ $(wc -l < snapshots.txt) = 2 ]; do sleep 0.1; done\n"
                        + "kill $(jobs -p)\nwait\n";

        try (ReadmeShell shell =
                site.run(commands.replace("--continuous", "--continuous --verify off") + publish + wait)) {
            shell.succeeds();

            assertThat(folder.resolve("snapshots.txt"))
                    .content()
                    .as("one for each of the two subscribers, none for the second announcement: %s", shell.everything())
                    .isEqualTo("snapshot sw.example.org\n".repeat(2));
            assertThat(ANNOUNCED.matcher(shell.everything()).results()).hasSize(2);
        }
    }

    @Test
    void theClientsSettingIsInTheFileThatTheClientReads() throws IOException, InterruptedException {
        try (ReadmeShell shell = site.run(guide.section("Clients").commands())) {
            shell.succeeds();

            assertThat(shell.output()).startsWith("CVMFS_NOTIFICATION_SERVER=http://");
        }
    }
}
