package io.jenkins.plugins.cvmfs.notify.packaging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A folder that dpkg takes for the root of a machine on which nothing is installed. The package's scripts run outside of it, told
 * by {@code DPKG_ROOT} where it is, as for building an image of a machine.
 */
record ScratchRoot(Path folder, Map<String, String> environment) {

    /** Skips the test without dpkg, or without the rights to set the owner of a file. */
    static ScratchRoot in(Path folder) throws IOException, InterruptedException {
        Run.needs("dpkg");
        Run.skipUnless(Run.of(List.of("id", "-u")).output().strip().equals("0"), "needs root, to set owners of files");
        Path database = folder.resolve("var/lib/dpkg");
        for (String each : List.of("info", "updates", "triggers")) {
            Files.createDirectories(database.resolve(each));
        }
        Files.createFile(database.resolve("status"));
        Files.createFile(database.resolve("available"));
        Files.createDirectory(folder.resolve("etc"));
        return new ScratchRoot(folder, Map.of());
    }

    /** The same; its scripts see these variables. */
    ScratchRoot with(Map<String, String> variables) {
        return new ScratchRoot(folder, variables);
    }

    /** Java is not installed in it, so dependencies are not insisted on; questions are answered as on a machine without a keyboard. */
    void dpkg(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "dpkg",
                "--root=" + folder,
                "--log=/dev/null",
                "--force-script-chrootless",
                "--force-depends",
                "--force-confold"));
        command.addAll(List.of(arguments));
        Run.of(environment, command).succeeded();
    }

    Path path(String absolute) {
        return folder.resolve(absolute.substring(1));
    }
}
