package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoCommandTest {

    @TempDir
    Path folder;

    @Test
    void theDemonstrationPrintsItsEventsInOrderAndSucceeds() {
        CommandRun run = CommandRun.of("demo", "--keep", folder.toString());

        assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
        assertThat(run.out())
                .containsSubsequence(
                        "proxy      serves http://127.0.0.1:",
                        "subscriber is subscribed to sw.example.org",
                        "stratum 0  has published revision 2",
                        "subscriber has verified it: signed by ",
                        "site-b     has taken its snapshot, late",
                        "pipeline   site-a serves revision 2",
                        "pipeline   site-b serves revision 2",
                        "pipeline   continues")
                .contains("publisher  has announced it", "site-a     has taken its snapshot at once");
        assertThat(run.out().lines()).allMatch(line -> line.matches(" *[0-9]+\\.[0-9]{3} s  .*"));
    }

    @Test
    void itLeavesASignedRepositoryOnThreeSites() {
        CommandRun.of("demo", "--keep", folder.toString());

        for (String site : new String[] {"stratum0", "site-a", "site-b"}) {
            assertThat(folder.resolve(site).resolve(".cvmfspublished"))
                    .content()
                    .contains("\nS2\n");
        }
        assertThat(folder.resolve("sw.example.org.pub")).content().startsWith("-----BEGIN PUBLIC KEY-----");
    }

    @Test
    void aFolderThatCannotTakeTheSitesIsReportedWithItsExitCode() throws IOException {
        Path obstacle = Files.createFile(folder.resolve("stratum0"));

        CommandRun run = CommandRun.of("demo", "--keep", folder.toString());

        assertThat(run.exitCode()).as(run.err()).isEqualTo(4);
        assertThat(run.err())
                .contains("cannot use " + obstacle, "Give --keep a folder that is writable")
                .doesNotContain("Exception");
    }

    @Test
    void anUnusableFolderIsReportedWithItsExitCode() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));

        CommandRun run = CommandRun.of("demo", "--keep", file.resolve("below").toString());

        assertThat(run.exitCode()).isEqualTo(4);
        assertThat(run.err().lines())
                .hasSize(2)
                .first()
                .asString()
                .startsWith("notify-proxy: ")
                .contains(file.toString());
    }
}
