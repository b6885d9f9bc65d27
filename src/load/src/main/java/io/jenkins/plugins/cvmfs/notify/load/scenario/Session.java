package io.jenkins.plugins.cvmfs.notify.load.scenario;

import io.jenkins.plugins.cvmfs.notify.load.report.Median;
import io.jenkins.plugins.cvmfs.notify.load.report.Sample;
import io.jenkins.plugins.cvmfs.notify.load.report.SampleFile;
import io.jenkins.plugins.cvmfs.notify.load.server.ServerKind;
import io.jenkins.plugins.cvmfs.notify.load.wire.SubscriberKind;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * All repetitions of a scenario: in each, every server once, in turn another one first. A repetition in which the first of the
 * servers, the control, is more than a quarter off its median is measured again.
 *
 * @param servers the control first
 */
public record Session(
        Scenario scenario,
        List<ServerKind> servers,
        List<SubscriberKind> kinds,
        List<Integer> sizes,
        int repetitions,
        int messageBytes,
        SampleFile file,
        PrintStream progress) {

    private static final double ALLOWED = 0.25;
    private static final int ATTEMPTS = 3;

    /**
     * Measures all, and shows how it goes.
     *
     * @throws IOException if a file cannot be written; what goes wrong with a server is in its sample
     */
    public void run() throws IOException {
        for (int repetition = 0; repetition < repetitions; repetition++) {
            for (SubscriberKind kind : kinds) {
                for (int size : sizes) {
                    repeat(kind, size, repetition);
                }
            }
        }
    }

    private void repeat(SubscriberKind kind, int size, int repetition) throws IOException {
        for (int attempt = 1; ; attempt++) {
            List<Sample> samples = measureAll(kind, size, repetition);
            String why = doubt(samples);
            if (why.isEmpty() || attempt == ATTEMPTS) {
                file.append(samples);
                return;
            }
            progress.println("measured again: " + why);
            file.append(samples.stream().map(sample -> sample.discarded(why)).toList());
        }
    }

    private List<Sample> measureAll(SubscriberKind kind, int size, int repetition) throws IOException {
        List<ServerKind> order = new ArrayList<>(servers);
        Collections.rotate(order, repetition);
        String name = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        List<Sample> samples = new ArrayList<>();
        for (ServerKind server : order) {
            Sample sample = measure(server, kind, size, name);
            samples.add(sample);
            progress.printf(
                    "%-8s %-16s %-16s %6d  %s%s%n",
                    sample.scenario(), sample.server(), sample.kind(), size, headline(sample), sample.problem());
        }
        return samples;
    }

    private Sample measure(ServerKind server, SubscriberKind kind, int size, String repetition) throws IOException {
        Map<String, String> conditions = Conditions.now();
        Map<String, Double> values = Map.of();
        String problem = "";
        try (Trial trial = Trial.start(server, scenario.repositories(size), messageBytes)) {
            values = scenario.measure(trial, kind, size);
        } catch (IOException e) {
            problem = Objects.toString(e.getMessage(), "failed");
        }
        return new Sample(
                scenario.name(),
                server.name(),
                server.durability(),
                kind.name(),
                size,
                repetition,
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
                .filter(sample -> sample.server().equals(servers.get(0).name()))
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
