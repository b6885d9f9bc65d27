package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A bash in which the README's commands run to the letter, but for what would disturb the machine: the port and the
 * place of the jar. Stops at the first command that fails.
 */
final class ReadmeShell implements AutoCloseable {

    private static final long LIMIT_MINUTES = 4;
    private static final String PORT = "4930";
    private static final String JAR = "$PWD/notify-proxy/target/notify-proxy.jar";

    private final Path folder;
    private final int port;
    private final Process process;

    private ReadmeShell(Path folder, int port, Process process) {
        this.folder = folder;
        this.port = port;
        this.process = process;
    }

    /** Begins to run the commands in this folder, where the output goes too. */
    static ReadmeShell run(Path folder, Map<String, String> environment, String commands) throws IOException {
        int port = FreePort.find();
        String script =
                commands.replace(PORT, String.valueOf(port)).replace(JAR, System.getProperty("notify.proxy.jar"));
        ProcessBuilder bash = new ProcessBuilder("bash", "-euo", "pipefail", "-c", script)
                .directory(folder.toFile())
                .redirectOutput(folder.resolve("stdout.txt").toFile())
                .redirectError(folder.resolve("stderr.txt").toFile());
        Map<String, String> variables = bash.environment();
        variables.put("CVMFS_NOTIFY_PORT", String.valueOf(port));
        // The local token belongs to the test, not to the user who runs it.
        variables.put("HOME", folder.toString());
        variables.put("TMPDIR", folder.toString());
        variables.put(
                "PATH", folder + ":" + Path.of(System.getProperty("java.home"), "bin") + ":" + System.getenv("PATH"));
        variables.putAll(environment);
        return new ReadmeShell(folder, port, bash.start());
    }

    /** Puts a program into the folder, which is the first in the shell's path. */
    static void program(Path folder, String name, String script) throws IOException {
        Path program = Files.writeString(folder.resolve(name), script);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** The jar as the program that packages install, which starts as quickly. */
    static void notifyProxy(Path folder) throws IOException {
        program(
                folder,
                "notify-proxy",
                "#!/bin/sh\nexec java '%s' -jar '%s' \"$@\"\n"
                        .formatted(
                                String.join("' '", JarProcess.quickStart()), System.getProperty("notify.proxy.jar")));
    }

    Process process() {
        return process;
    }

    /** The port that replaces the README's. */
    int port() {
        return port;
    }

    String output() throws IOException {
        return Files.readString(folder.resolve("stdout.txt"));
    }

    /** Both outputs, for a test that failed. */
    String everything() throws IOException {
        return output() + "\n-- standard error --\n" + Files.readString(folder.resolve("stderr.txt"));
    }

    /** Waits until everything has run, and fails if something failed or takes too long. */
    void succeeds() throws IOException, InterruptedException {
        boolean ended = process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES);
        assertThat(ended).as(everything()).isTrue();
        assertThat(process.exitValue()).as(everything()).isZero();
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
