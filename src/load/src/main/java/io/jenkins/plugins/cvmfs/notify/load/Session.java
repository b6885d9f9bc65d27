package io.jenkins.plugins.cvmfs.notify.load;

import io.jenkins.plugins.cvmfs.notify.load.generator.SubscriberKind;
import io.jenkins.plugins.cvmfs.notify.load.server.BareLoop;
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
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A scenario on some servers, repeated: in each repetition every server once, in turn another one first. A repetition in
 * which the bare loop is more than a quarter off its median is measured again, and so is, once, what fails.
 *
 * @param servers those that are compared
 */
public record Session(
        Scenario scenario,
        List<Server.Kind> servers,
        List<SubscriberKind> kinds,
        List<Integer> sizes,
        Sample.Log file,
        PrintStream progress) {

    private static final double ALLOWED = 0.25;
    private static final int ATTEMPTS = 3;
    private static final String HEADLINE =
            "cpuMicros.*|(untilLast|latency|added.*)P[59].?Micros|back.*Connection|.*PerSecond|.*PerMessage|.*Kilobytes|generatorCore";

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
            String why = doubt(samples, kind, size);
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
        List<Server.Kind> order = new ArrayList<>(servers);
        Collections.rotate(order, number);
        List<Sample> samples = new ArrayList<>();
        for (Server.Kind server : order) {
            samples.add(measure(server, kind, size, name));
            if (!samples.get(samples.size() - 1).counts()) {
                samples.add(measure(server, kind, size, name));
            }
        }
        return samples;
    }

    private Sample measure(Server.Kind server, SubscriberKind kind, int size, String name) throws IOException {
        Map<String, String> conditions = conditions();
        Map<String, Double> values = new LinkedHashMap<>();
        String problem = "";
        long start = System.nanoTime();
        try (Trial trial = Trial.start(server)) {
            values.putAll(scenario.measure(trial, kind, size));
        } catch (IOException e) {
            problem = String.valueOf(e.getMessage());
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        values.put("tookSeconds", seconds);
        Sample sample = new Sample(
                scenario.title(),
                server.title(),
                server.durability(),
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
        return sample.values().entrySet().stream()
                .filter(value -> value.getKey().matches(HEADLINE))
                .map(value -> "%s %.2f  ".formatted(value.getKey(), value.getValue()))
                .collect(Collectors.joining());
    }

    private String doubt(List<Sample> samples, SubscriberKind kind, int size) throws IOException {
        Results.Side control =
                new Results.Side(scenario.title(), kind.name(), BareLoop.Kind.TITLE, size, scenario.control());
        double[] now = new Results(samples).values(control);
        double[] before = new Results(file.read()).values(control);
        double off = now.length == 0 ? 0 : Math.abs(now[0] / Results.median(before) - 1);
        return before.length >= 2 && off > ALLOWED ? "the control was %.0f %% off its median".formatted(off * 100) : "";
    }
}
