package io.jenkins.plugins.cvmfs.notify.load;

import io.jenkins.plugins.cvmfs.notify.load.generator.SubscriberKind;
import io.jenkins.plugins.cvmfs.notify.load.report.Results;
import io.jenkins.plugins.cvmfs.notify.load.report.Sample;
import io.jenkins.plugins.cvmfs.notify.load.server.BareLoop;
import io.jenkins.plugins.cvmfs.notify.load.server.Baseline;
import io.jenkins.plugins.cvmfs.notify.load.server.Server;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A scenario on some servers, repeated: in each repetition every server and baseline once, in turn another one first. A repetition in
 * which the bare loop is more than a quarter off its median is measured again, and so is, once, what fails.
 *
 * @param servers those that are compared
 * @param baselines what they are compared with besides
 */
public record Session(
        Scenario scenario,
        List<Server.Kind> servers,
        List<Baseline> baselines,
        List<SubscriberKind> kinds,
        List<Integer> sizes,
        Sample.Log file,
        PrintStream progress) {

    private static final double ALLOWED = 0.25;
    private static final int ATTEMPTS = 3;

    /** A server or baseline, and how it is measured. */
    private record Side(String title, String durability, Measurement measurement) {}

    @FunctionalInterface
    private interface Measurement {
        Map<String, Double> take() throws IOException;
    }

    /**
     * Measures all once, and shows how it goes.
     *
     * @param number of the repetition, from 0: decides who comes first
     * @param name of the repetition: what has the same is compared
     * @return whether everything counts
     * @throws IOException if a file cannot be written; what goes wrong with a server is in its sample
     */
    public boolean repeat(int number, String name) throws IOException {
        boolean flawless = true;
        for (SubscriberKind kind : kinds) {
            for (int size : sizes) {
                flawless &= repeat(kind, size, number, name);
            }
        }
        return flawless;
    }

    private boolean repeat(SubscriberKind kind, int size, int number, String name) throws IOException {
        for (int attempt = 1; ; attempt++) {
            List<Sample> samples = measureAll(kind, size, number, name);
            String why = doubt(samples);
            if (why.isEmpty() || attempt == ATTEMPTS) {
                file.append(samples);
                return samples.stream().allMatch(Sample::counts);
            }
            progress.println("measured again: " + why);
            file.append(samples.stream()
                    .map(sample -> sample.counts() ? sample.discarded(why) : sample)
                    .toList());
        }
    }

    private List<Sample> measureAll(SubscriberKind kind, int size, int number, String name) throws IOException {
        List<Side> order = new ArrayList<>();
        servers.forEach(server -> order.add(new Side(server.title(), server.durability(), () -> {
            try (Trial trial = Trial.start(server)) {
                return scenario.measure(trial, kind, size);
            }
        })));
        baselines.forEach(baseline -> order.add(new Side(baseline.title(), baseline.durability(), baseline::measure)));
        Collections.rotate(order, number);
        List<Sample> samples = new ArrayList<>();
        for (Side side : order) {
            samples.add(measure(side, kind, size, name));
            if (!samples.get(samples.size() - 1).counts()) {
                samples.add(measure(side, kind, size, name));
            }
        }
        return samples;
    }

    private Sample measure(Side side, SubscriberKind kind, int size, String name) throws IOException {
        Map<String, String> conditions = conditions();
        Map<String, Double> values = new LinkedHashMap<>();
        String problem = "";
        long start = System.nanoTime();
        try {
            values.putAll(side.measurement().take());
        } catch (IOException e) {
            problem = Objects.toString(e.getMessage(), "failed");
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        values.put("tookSeconds", seconds);
        Sample sample = new Sample(
                scenario.title(),
                side.title(),
                side.durability(),
                kind.name(),
                size,
                name,
                conditions,
                values,
                problem);
        progress.printf(
                "%-8s %-16s %-16s %6d  %s%s (%.0f s)%n",
                sample.scenario(), sample.server(), sample.kind(), size, headline(sample), problem, seconds);
        return sample;
    }

    /** Those of a measurement besides the server. */
    private static Map<String, String> conditions() throws IOException {
        String load = Files.readString(Path.of("/proc/loadavg")).strip().replaceFirst(" [^ ]+/.*", "");
        return new TreeMap<>(Map.of(
                "processors", Integer.toString(Runtime.getRuntime().availableProcessors()),
                "kernel", System.getProperty("os.version"),
                "jvm", System.getProperty("java.runtime.version"),
                "load", load));
    }

    private static String headline(Sample sample) {
        return Stream.of(
                        "cpuMicrosPerDelivery",
                        "untilLastP50Micros",
                        "latencyP50Micros",
                        "latencyP99Micros",
                        "addedLatencyP99Micros",
                        "addedAnsweredP99Micros",
                        "backMicrosPerConnection",
                        "confirmedPerSecond",
                        "serverKilobytes",
                        "generatorCore")
                .filter(sample.values()::containsKey)
                .map(metric -> "%s %.2f  ".formatted(metric, sample.values().get(metric)))
                .collect(Collectors.joining());
    }

    private String doubt(List<Sample> samples) throws IOException {
        Optional<Sample> bare = samples.stream()
                .filter(sample -> sample.counts() && sample.server().equals(BareLoop.Kind.TITLE))
                .findFirst();
        if (bare.isEmpty()) {
            return "";
        }
        Sample control = bare.get();
        double[] before = file.read().stream()
                .filter(sample -> sample.counts() && sample.isOfSameSeries(control))
                .mapToDouble(this::controlValue)
                .toArray();
        double median = Results.median(before);
        double off = Math.abs(controlValue(control) / median - 1);
        return before.length >= 2 && off > ALLOWED ? "the control was %.0f %% off its median".formatted(off * 100) : "";
    }

    private double controlValue(Sample sample) {
        return sample.values().getOrDefault(scenario.control(), Double.NaN);
    }
}
