package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The packages' unit for replicas runs the command of docs/cvmfs.md, which another test runs. */
class SnapshotUnitTest {

    private static final Path UNIT =
            Path.of("../src/packaging/src/root/usr/lib/systemd/system/cvmfs-notify-snapshot@.service");

    @Test
    void theUnitRunsTheCommandOfTheGuide() throws IOException {
        assertThat(startedBy(Files.readString(UNIT))).isEqualTo(typed(0));
    }

    @Test
    void theGuidesOverrideOfTheUnitRunsTheCommandOfTheGuide() throws IOException {
        List<String> overrides = ReadmeText.page("cvmfs.md").section("Replicas").blocks("ini");

        assertThat(overrides)
                .singleElement()
                .satisfies(unit -> assertThat(startedBy(unit)).isEqualTo(typed(1)));
    }

    /** As a shell would be given it, for the repository of the guide. */
    private static String startedBy(String unit) {
        String command = unit.lines()
                .filter(line -> line.startsWith("ExecStart=/"))
                .findFirst()
                .orElseThrow();
        return command.replace("ExecStart=/usr/bin/", "")
                .replace("%i", "sw.example.org")
                .replace("$$", "$");
    }

    /** Without the server, which the unit has in its environment. */
    private static String typed(int block) throws IOException {
        return ReadmeText.page("cvmfs.md")
                .section("Replicas")
                .blocks("sh")
                .get(block)
                .replaceAll(" --server \\S+", "")
                .replaceAll(" \\\\\n +", " ")
                .replaceAll(" &\\s*$", "");
    }
}
