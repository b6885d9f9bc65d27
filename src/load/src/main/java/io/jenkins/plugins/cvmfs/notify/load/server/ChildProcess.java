package io.jenkins.plugins.cvmfs.notify.load.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
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
        this.endWithUs = new Thread(this::kill);
        Runtime.getRuntime().addShutdownHook(endWithUs);
    }

    /** Starts a command in a folder, with some variables of the environment changed; what it writes as errors is shown as ours. */
    public static ChildProcess start(List<String> command, Path folder, Map<String, String> environment)
            throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(environment);
        return new ChildProcess(builder.start());
    }

    /** Starts another JVM like this one. */
    public static ChildProcess java(List<String> arguments, Path folder, Map<String, String> environment)
            throws IOException {
        List<String> command = new ArrayList<>(arguments);
        command.add(0, Path.of(System.getProperty("java.home"), "bin", "java").toString());
        return start(command, folder, environment);
    }

    /** Starts this program once more, with another command. */
    public static ChildProcess load(List<String> flags, String command) throws IOException {
        List<String> arguments = new ArrayList<>(flags);
        arguments.addAll(List.of("-cp", classPath(), "io.jenkins.plugins.cvmfs.notify.load.Load", command));
        return java(arguments, Path.of("."), Map.of());
    }

    /** This JVM's class path. */
    public static String classPath() {
        return System.getProperty("java.class.path");
    }

    /**
     * CPU time and memory of processes, from {@code /proc/PID/stat} and {@code status}.
     *
     * @param cpuSeconds in user and kernel mode, all threads; the kernel counts in steps of 10 ms
     * @param residentKilobytes memory in use now; what processes share counts once for each
     */
    public record Usage(double cpuSeconds, double residentKilobytes) {

        private static final double TICKS_PER_SECOND = 100;
        /** After the name, which stands in parentheses and may hold anything. */
        private static final int UTIME = 11;

        /**
         * Adds up that of processes and of their children.
         *
         * @throws IOException if one of the processes has ended
         */
        public static Usage of(Collection<ChildProcess> processes) throws IOException {
            double cpu = 0;
            double memory = 0;
            for (ChildProcess each : processes) {
                for (ProcessHandle one : each.family()) {
                    try {
                        Usage usage = of(Path.of("/proc", Long.toString(one.pid())));
                        cpu += usage.cpuSeconds;
                        memory += usage.residentKilobytes;
                    } catch (IOException e) {
                        // A child may have ended by now.
                        if (one.pid() == each.process.pid()) {
                            throw e;
                        }
                    }
                }
            }
            return new Usage(cpu, memory);
        }

        private static Usage of(Path folder) throws IOException {
            String stat = Files.readString(folder.resolve("stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            double kilobytes = Files.readAllLines(folder.resolve("status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")))
                    .sum();
            long ticks = Long.parseLong(fields[UTIME]) + Long.parseLong(fields[UTIME + 1]);
            return new Usage(ticks / TICKS_PER_SECOND, kilobytes);
        }
    }

    private List<ProcessHandle> family() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .toList();
    }

    /** Kills it and its children. */
    void kill() {
        family().forEach(ProcessHandle::destroyForcibly);
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
            String line = output.readLine();
            if (line == null) {
                String why = late.get() ? "gave no answer within " + limit.toSeconds() + " s" : "ended";
                throw new IOException("process %d %s: %s"
                        .formatted(process.pid(), why, process.info().commandLine()));
            }
            return line;
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
