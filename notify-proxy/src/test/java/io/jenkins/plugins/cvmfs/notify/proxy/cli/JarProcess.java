package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.SecretGuard;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** The packaged jar in its own process, as a user runs it. Its output goes to files, so that it never blocks on a pipe. */
public final class JarProcess implements AutoCloseable {

    /** For everything that a process must get done; a JVM starts slowly on a machine that is busy. */
    public static final Duration LIMIT = Duration.ofSeconds(60);

    /** The last hexadecimal digit stands for the signals 1 to 4; SIGHUP is 1. */
    private static final Predicate<String> IGNORES_HANG_UP =
            Pattern.compile("^SigIgn:.*[13579bdf]$", Pattern.MULTILINE).asPredicate();

    private static final String LISTENING = "listening on ";

    private final Process process;
    private final Path out;
    private final Path err;

    private JarProcess(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** The folder for temporary files of a process. */
    static Path temporaryFolder(Path folder) throws IOException {
        return Files.createDirectories(folder.resolve("tmp"));
    }

    /** Starts it with no environment but the path; the folder takes its output. */
    public static JarProcess start(Path folder, String... arguments) throws IOException {
        return under(List.of(), Map.of(), folder, arguments);
    }

    /** The same, started by another program, whose last arguments are the command; with further variables in its environment. */
    public static JarProcess under(
            List<String> starter, Map<String, String> environment, Path folder, String... arguments)
            throws IOException {
        return start(starter, List.of("-jar", jar()), environment, folder, List.of(arguments));
    }

    /** Starts another main class, which is in a folder of classes, on the classes of the jar. */
    public static JarProcess main(
            Class<?> main, Path classes, Map<String, String> environment, Path folder, List<String> arguments)
            throws IOException {
        String path = jar() + File.pathSeparator + classes;
        return start(List.of(), List.of("-cp", path, main.getName()), environment, folder, arguments);
    }

    private static String jar() {
        return System.getProperty("notify.proxy.jar");
    }

    private static JarProcess start(
            List<String> starter,
            List<String> program,
            Map<String, String> environment,
            Path folder,
            List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>(starter);
        command.addAll(hearingHangUps());
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Djava.io.tmpdir=" + temporaryFolder(folder)));
        command.addAll(quickStart());
        command.addAll(program);
        command.addAll(arguments);
        Path out = Files.createTempFile(folder, "stdout", ".txt");
        Path err = Files.createTempFile(folder, "stderr", ".txt");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", System.getenv("PATH"));
        builder.environment().putAll(environment);
        return new JarProcess(builder.start(), out, err);
    }

    /** Options of a JVM that soon ends. */
    static List<String> quickStart() {
        return List.of(
                // The optimizing compiler would take longer than most of these processes run.
                "-XX:TieredStopAtLevel=1",
                // Without the archive, or with that of another jar, it starts all the same.
                "-XX:SharedArchiveFile=" + System.getProperty("notify.proxy.classes"),
                "-Xlog:cds*=off");
    }

    /** A build under nohup ignores SIGHUP, and so would all that it starts: a JVM leaves an ignored signal alone. */
    private static List<String> hearingHangUps() throws IOException {
        Path status = Path.of("/proc/self/status");
        return Files.exists(status) && IGNORES_HANG_UP.test(Files.readString(status))
                ? List.of("env", "--default-signal=HUP")
                : List.of();
    }

    /**
     * Starts a proxy in standalone mode on a free port and waits until it listens. Everyone may publish, unless a configuration file is
     * given, which then says who.
     */
    static JarProcess serve(Path folder, String... furtherArguments) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("serve", "--standalone", "--port", "0"));
        List<String> further = List.of(furtherArguments);
        if (!further.contains("--config")) {
            arguments.addAll(List.of("--set", "access.anonymous_publish=everyone"));
        }
        arguments.addAll(further);
        JarProcess proxy = start(folder, arguments.toArray(String[]::new));
        proxy.awaitOut(LISTENING);
        return proxy;
    }

    /** The address that {@code serve} printed. */
    public URI uri() {
        String line = out().lines().findFirst().orElse("");
        assertThat(line).startsWith(LISTENING);
        return URI.create(line.substring(LISTENING.length()));
    }

    /** The base URL that publishers and subscribers are given. */
    String server() {
        return uri() + "/api/v1";
    }

    public void awaitOut(String text) {
        await(text, this::out);
    }

    void awaitErr(String text) {
        await(text, this::err);
    }

    private void await(String text, Supplier<String> stream) {
        Awaitility.await(text)
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> stream.get().contains(text) || !process.isAlive());
        assertThat(stream.get())
                .as("standard output was: %s, standard error: %s", out(), err())
                .contains(text);
    }

    int exitCode() throws InterruptedException {
        assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS))
                .as("ends in time; standard error was: %s", err())
                .isTrue();
        return process.exitValue();
    }

    /** SIGTERM. */
    void stop() {
        process.destroy();
    }

    /** SIGHUP. */
    void hangUp() throws IOException, InterruptedException {
        signal("-HUP");
    }

    /** SIGSTOP, and waits until it has stopped. */
    public void freeze() throws IOException, InterruptedException {
        signal("-STOP");
        Path status = Path.of("/proc/%d/status".formatted(process.pid()));
        Awaitility.await().until(() -> Files.readString(status).contains("State:\tT"));
    }

    /** SIGCONT. */
    public void thaw() throws IOException, InterruptedException {
        signal("-CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", name, String.valueOf(process.pid())).start();
        assertThat(kill.waitFor()).isZero();
    }

    /** SIGKILL, and waits until it is gone. */
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        exitCode();
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    String out() {
        return read(out);
    }

    public String err() {
        return read(err);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        assertThat(SecretGuard.find(err())).as("secrets on standard error").isEmpty();
    }
}
