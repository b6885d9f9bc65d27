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
        int messageBytes,
        Sample.Log file,
        PrintStream progress) {

    private static final double ALLOWED = 0.25;
    private static final int ATTEMPTS = 3;
    private static final String TOOK = "tookSeconds";

    /** The measurement of a scenario or baseline. */
    @FunctionalInterface
    private interface Numbers {
        Map<String, Double> take() throws IOException;
    }

    /** Measures one server or baseline. */
    @FunctionalInterface
    private interface Measurement {
        Sample take() throws IOException;
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
        List<Measurement> order = new ArrayList<>();
        servers.forEach(server -> order.add(() -> measure(server, kind, size, name)));
        baselines.forEach(baseline -> order.add(() -> measure(baseline, kind, size, name)));
        Collections.rotate(order, number);
        List<Sample> samples = new ArrayList<>();
        for (Measurement measurement : order) {
            Sample sample = taken(measurement);
            samples.add(sample);
            if (!sample.counts()) {
                samples.add(taken(measurement));
            }
        }
        return samples;
    }

    private Sample taken(Measurement measurement) throws IOException {
        Sample sample = measurement.take();
        progress.printf(
                "%-8s %-16s %-16s %6d  %s%s (%.0f s)%n",
                sample.scenario(),
                sample.server(),
                sample.kind(),
                sample.size(),
                headline(sample),
                sample.problem(),
                sample.values().get(TOOK));
        return sample;
    }

    private Sample measure(Server.Kind server, SubscriberKind kind, int size, String name) throws IOException {
        return measure(server.title(), server.durability(), kind, size, name, () -> {
            try (Trial trial = Trial.start(server, messageBytes)) {
                return scenario.measure(trial, kind, size);
            }
        });
    }

    private Sample measure(Baseline baseline, SubscriberKind kind, int size, String name) throws IOException {
        return measure(baseline.title(), baseline.durability(), kind, size, name, () -> baseline.measure(messageBytes));
    }

    private Sample measure(String title, String durability, SubscriberKind kind, int size, String name, Numbers numbers)
            throws IOException {
        Map<String, String> conditions = Conditions.now();
        Map<String, Double> values = new LinkedHashMap<>();
        String problem = "";
        long start = System.nanoTime();
        try {
            values.putAll(numbers.take());
        } catch (IOException e) {
            problem = Objects.toString(e.getMessage(), "failed");
        }
        values.put(TOOK, (System.nanoTime() - start) / 1e9);
        return new Sample(scenario.title(), title, durability, kind.name(), size, name, conditions, values, problem);
    }

    private static String headline(Sample sample) {
        StringBuilder text = new StringBuilder();
        for (String name : List.of(
                "cpuMicrosPerDelivery",
                "untilLastP50Micros",
                "latencyP50Micros",
                "latencyP99Micros",
                "addedLatencyP99Micros",
                "addedAnsweredP99Micros",
                "backMicrosPerConnection",
                "confirmedPerSecond",
                "serverKilobytes",
                "generatorCore")) {
            Double value = sample.values().get(name);
            if (value != null) {
                text.append("%s %.2f  ".formatted(name, value));
            }
        }
        return text.toString();
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

    /** The conditions of a measurement besides the server. */
    private static final class Conditions {

        private Conditions() {}

        static Map<String, String> now() throws IOException {
            Map<String, String> conditions = new TreeMap<>();
            conditions.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
            conditions.put("kernel", System.getProperty("os.version"));
            conditions.put("jvm", System.getProperty("java.runtime.version"));
            conditions.put(
                    "load", Files.readString(Path.of("/proc/loadavg")).strip().replaceFirst(" [^ ]+/.*", ""));
            return conditions;
        }
    }
}
