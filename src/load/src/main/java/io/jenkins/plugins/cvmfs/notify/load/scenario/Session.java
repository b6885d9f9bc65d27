package io.jenkins.plugins.cvmfs.notify.load.scenario;

import io.jenkins.plugins.cvmfs.notify.load.baseline.Baseline;
import io.jenkins.plugins.cvmfs.notify.load.report.Median;
import io.jenkins.plugins.cvmfs.notify.load.report.Sample;
import io.jenkins.plugins.cvmfs.notify.load.report.SampleFile;
import io.jenkins.plugins.cvmfs.notify.load.server.ServerKind;
import io.jenkins.plugins.cvmfs.notify.load.wire.SubscriberKind;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A scenario on some servers, repeated: in each repetition every server and baseline once, in turn another one first. A repetition in
 * which the first of the servers, the control, is more than a quarter off its median is measured again.
 *
 * @param servers the control first
 * @param baselines what they are compared with besides
 */
public record Session(
        Scenario scenario,
        List<ServerKind> servers,
        List<Baseline> baselines,
        List<SubscriberKind> kinds,
        List<Integer> sizes,
        int messageBytes,
        SampleFile file,
        PrintStream progress) {

    private static final double ALLOWED = 0.25;
    private static final int ATTEMPTS = 3;

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
            file.append(samples.stream().map(sample -> sample.discarded(why)).toList());
        }
    }

    private List<Sample> measureAll(SubscriberKind kind, int size, int number, String name) throws IOException {
        List<Measurement> order = new ArrayList<>();
        servers.forEach(server -> order.add(() -> measure(server, kind, size, name)));
        baselines.forEach(baseline -> order.add(() -> measure(baseline, kind, size, name)));
        Collections.rotate(order, number);
        List<Sample> samples = new ArrayList<>();
        for (Measurement measurement : order) {
            Sample sample = measurement.take();
            samples.add(sample);
            progress.printf(
                    "%-8s %-16s %-16s %6d  %s%s%n",
                    sample.scenario(), sample.server(), sample.kind(), size, headline(sample), sample.problem());
        }
        return samples;
    }

    private Sample measure(ServerKind server, SubscriberKind kind, int size, String name) throws IOException {
        Map<String, String> conditions = Conditions.now();
        Map<String, Double> values = Map.of();
        String problem = "";
        try (Trial trial = Trial.start(server, scenario.repositories(size), messageBytes)) {
            values = scenario.measure(trial, kind, size);
        } catch (IOException e) {
            problem = Objects.toString(e.getMessage(), "failed");
        }
        return new Sample(
                scenario.title(),
                server.title(),
                server.durability(),
                kind.name(),
                size,
                name,
                conditions,
                values,
                problem);
    }

    private Sample measure(Baseline baseline, SubscriberKind kind, int size, String name) throws IOException {
        Map<String, String> conditions = Conditions.now();
        Map<String, Double> values = Map.of();
        String problem = "";
        try {
            values = baseline.measure(messageBytes);
        } catch (IOException e) {
            problem = Objects.toString(e.getMessage(), "failed");
        }
        return new Sample(
                scenario.title(),
                baseline.title(),
                baseline.durability(),
                kind.name(),
                size,
                name,
                conditions,
                values,
                problem);
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
                "cpuMicrosPerAnnouncement",
                "bytesPerGate",
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
        Sample control = samples.stream()
                .filter(sample -> sample.server().equals(servers.get(0).title()))
                .findFirst()
                .orElseThrow();
        double[] before = file.read().stream()
                .filter(sample -> sample.counts() && sample.isOfSameSeries(control))
                .mapToDouble(this::controlValue)
                .toArray();
        double median = Median.of(before);
        double off = Math.abs(controlValue(control) / median - 1);
        return before.length >= 2 && off > ALLOWED ? "the control was %.0f %% off its median".formatted(off * 100) : "";
    }

    private double controlValue(Sample sample) {
        return sample.values().getOrDefault(scenario.control(), Double.NaN);
    }
}
