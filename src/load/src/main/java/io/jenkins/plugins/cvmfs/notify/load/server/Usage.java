package io.jenkins.plugins.cvmfs.notify.load.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * CPU time and memory of some processes, from {@code /proc/PID/stat} and {@code status}.
 *
 * @param cpuSeconds in user and kernel mode, all threads; the kernel counts in steps of 10 ms
 * @param residentKilobytes memory in use now; what processes share counts once for each
 */
public record Usage(double cpuSeconds, double residentKilobytes) {

    private static final double TICKS_PER_SECOND = 100;
    private static final int UTIME = 11;

    /**
     * Adds them up.
     *
     * @throws IOException if one of the processes has ended
     */
    public static Usage of(List<Long> processes) throws IOException {
        double cpu = 0;
        double memory = 0;
        for (long process : processes) {
            Path folder = Path.of("/proc", Long.toString(process));
            cpu += cpuSeconds(Files.readString(folder.resolve("stat")));
            memory += residentKilobytes(Files.readAllLines(folder.resolve("status")));
        }
        return new Usage(cpu, memory);
    }

    /** The fields after the name, which stands in parentheses and may hold anything. */
    private static double cpuSeconds(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[UTIME]) + Long.parseLong(fields[UTIME + 1])) / TICKS_PER_SECOND;
    }

    private static double residentKilobytes(List<String> status) {
        return status.stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")))
                .sum();
    }
}
