package io.jenkins.plugins.cvmfs.notify.load.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/** A process of ours, spoken to by lines; ended when it is closed, and with this JVM at the latest. */
public final class ChildProcess implements AutoCloseable {

    private static final int END_SECONDS = 5;

    private final Process process;
    private final BufferedReader output;
    private final Writer input;
    private final Thread endWithUs;

    private ChildProcess(Process process) {
        this.process = process;
        this.output = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
        this.input = new OutputStreamWriter(process.getOutputStream(), UTF_8);
        this.endWithUs = new Thread(() -> {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        });
        Runtime.getRuntime().addShutdownHook(endWithUs);
    }

    /** Starts a command in a folder; what it writes as errors is shown as ours. */
    public static ChildProcess start(List<String> command, Path folder) throws IOException {
        return start(command, folder, Map.of());
    }

    /** The same with some variables of the environment changed. */
    public static ChildProcess start(List<String> command, Path folder, Map<String, String> environment)
            throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(environment);
        return new ChildProcess(builder.start());
    }

    /** The command that runs a class of this JVM's class path in another JVM. */
    public static List<String> java(List<String> flags, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(List.of(arguments));
        return command;
    }

    /** This JVM's class path. */
    public static String classPath() {
        return System.getProperty("java.class.path");
    }

    /** Its number, and those of its children. */
    public List<Long> processes() {
        return Stream.concat(Stream.of(process.pid()), process.descendants().map(ProcessHandle::pid))
                .toList();
    }

    /** Kills its children first, for a script that would not. */
    public void killAll() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        close();
    }

    /**
     * Waits for its next line.
     *
     * @throws IOException if it has ended
     */
    public String readLine() throws IOException {
        String line = output.readLine();
        if (line == null) {
            throw new IOException("process %d ended: %s"
                    .formatted(process.pid(), process.info().commandLine()));
        }
        return line;
    }

    /**
     * Waits for its next line, and ends it if that does not come.
     *
     * @throws IOException if it has ended, or is ended
     */
    public String readLine(Duration limit) throws IOException {
        AtomicBoolean late = new AtomicBoolean();
        var watch = CompletableFuture.delayedExecutor(limit.toMillis(), TimeUnit.MILLISECONDS);
        var ending = CompletableFuture.runAsync(
                () -> {
                    late.set(true);
                    process.destroyForcibly();
                },
                watch);
        try {
            return readLine();
        } catch (IOException e) {
            throw late.get() ? new IOException("no answer within " + limit.toSeconds() + " s", e) : e;
        } finally {
            ending.cancel(false);
        }
    }

    public void writeLine(String line) throws IOException {
        input.write(line);
        input.write('\n');
        input.flush();
    }

    /** Asks it to end, and does not ask for long. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            output.close();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().removeShutdownHook(endWithUs);
    }
}
