package io.jenkins.plugins.cvmfs.notify.packaging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A copy of this machine on which a real systemd runs, in namespaces of its own: what is installed and started there is gone when it is
 * closed, and this machine never hears of it. {@code boot-machine} says how.
 */
final class Machine implements AutoCloseable {

    private static final Path BOOT = Path.of("src/test/resources/boot-machine");
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final Process unshare;
    private final Path controlGroup;

    private Machine(Process unshare, Path controlGroup) {
        this.unshare = unshare;
        this.controlGroup = controlGroup;
    }

    /**
     * Skips the test where a machine cannot be made: not root, no systemd, a kernel or a container that does not allow it.
     *
     * @param folder empty
     * @param files to find in the machine's {@code /srv}
     */
    static Machine boot(Path folder, Path... files) throws IOException, InterruptedException {
        Run.needs("unshare");
        Run.needs("nsenter");
        Run.needs("curl");
        Run.skipUnless(Files.isExecutable(Path.of("/lib/systemd/systemd")), "needs systemd");
        Run.skipUnless(Run.of(List.of("id", "-u")).output().strip().equals("0"), "needs root, to boot a machine");
        Optional<Path> controlGroups = controlGroups();
        Run.skipUnless(controlGroups.isPresent(), "needs control groups of version 2");
        Path controlGroup = Files.createTempDirectory(controlGroups.orElseThrow(), "machine");
        Path log = folder.resolve("boot.log");
        Process unshare = new ProcessBuilder(command(folder, controlGroup, files))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Machine machine = new Machine(unshare, controlGroup);
        Awaitility.await("systemd").atMost(LIMIT).until(() -> !unshare.isAlive() || machine.isRunning());
        if (!unshare.isAlive()) {
            machine.close();
            Run.skipUnless(
                    false,
                    "cannot boot a machine here: " + Files.readString(log).strip());
        }
        return machine;
    }

    private static List<String> command(Path folder, Path controlGroup, Path... files) {
        String script =
                "echo $$ > \"$0/cgroup.procs\"; exec unshare --mount --pid --net --uts --ipc --cgroup --fork --kill-child \"$@\"";
        List<String> command = new ArrayList<>(List.of("bash", "-c", script, controlGroup.toString()));
        command.add(BOOT.toString());
        command.add(folder.toString());
        Stream.of(files).map(Path::toString).forEach(command::add);
        return command;
    }

    private static Optional<Path> controlGroups() throws IOException {
        return Files.readAllLines(Path.of("/proc/mounts")).stream()
                .map(line -> line.split(" "))
                .filter(mount -> mount[2].equals("cgroup2"))
                .map(mount -> Path.of(mount[1]))
                .filter(Files::isWritable)
                .findFirst();
    }

    private boolean isRunning() throws IOException, InterruptedException {
        return unshare.children().findFirst().isPresent()
                && run("systemctl", "is-system-running").output().strip().equals("running");
    }

    /** A program's run in the machine, to its end. */
    Run run(String... command) throws IOException, InterruptedException {
        return Run.of(inside(command));
    }

    /** Begins a shell command in the machine and does not wait for it. */
    Process start(String command) throws IOException {
        return new ProcessBuilder(inside("sh", "-c", command)).inheritIO().start();
    }

    private List<String> inside(String... command) {
        long systemd = unshare.children().findFirst().orElseThrow().pid();
        List<String> inside = new ArrayList<>(List.of("nsenter", "--target=" + systemd));
        inside.addAll(List.of("--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup", "--root", "--wd"));
        inside.addAll(List.of("env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "HOME=/root"));
        inside.addAll(List.of(command));
        return inside;
    }

    void write(String file, String text) throws IOException, InterruptedException {
        run("sh", "-c", "mkdir -p \"${1%/*}\" && printf %s \"$2\" > \"$1\"", "write", file, text)
                .succeeded();
    }

    String read(String file) throws IOException, InterruptedException {
        return run("cat", file).succeeded().output();
    }

    /** Systemd goes first, and everything in the machine with it. */
    @Override
    public void close() {
        unshare.destroyForcibly();
        Awaitility.await("the end of systemd").atMost(LIMIT).until(() -> !unshare.isAlive());
        Awaitility.await("the machine's end")
                .atMost(LIMIT)
                .until(() -> Run.of(List.of(
                                        "find",
                                        controlGroup.toString(),
                                        "-depth",
                                        "-type",
                                        "d",
                                        "-exec",
                                        "rmdir",
                                        "{}",
                                        "+"))
                                .exitCode()
                        == 0);
    }
}
