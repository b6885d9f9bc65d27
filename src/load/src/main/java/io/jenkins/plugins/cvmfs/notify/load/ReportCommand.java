package io.jenkins.plugins.cvmfs.notify.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.load.report.Chart;
import io.jenkins.plugins.cvmfs.notify.load.report.Goals;
import io.jenkins.plugins.cvmfs.notify.load.report.Results;
import io.jenkins.plugins.cvmfs.notify.load.report.SampleFile;
import io.jenkins.plugins.cvmfs.notify.load.report.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "report", description = "Makes tables (results.md) and plots (SVG) of samples.")
final class ReportCommand implements Callable<Integer> {

    private static final Map<String, Chart> CHARTS = new TreeMap<>(Map.of(
            "cpu.svg",
                    new Chart("CPU for each delivery, microseconds", "fan-out", "WEB_SOCKET", "cpuMicrosPerDelivery"),
            "memory.svg", new Chart("Resident memory, KB", "connections", "WEB_SOCKET", "serverKilobytes"),
            "p99.svg",
                    new Chart(
                            "Latency within a fan-out, 99th percentile, microseconds",
                            "fan-out",
                            "WEB_SOCKET",
                            "latencyP99Micros")));

    @Option(names = "--samples", description = "The samples. Default: ${DEFAULT-VALUE}.")
    private Path samples = Path.of("samples.jsonl");

    @Option(names = "--output", description = "Folder for the results. Default: ${DEFAULT-VALUE}.")
    private Path output = Path.of(".");

    @Option(names = "--server", description = "Whose goals are looked at. Default: ${DEFAULT-VALUE}.")
    private String server = "proxy";

    @Override
    public Integer call() throws IOException {
        Results results = new Results(new SampleFile(samples).read());
        String text = "# Results\n\n## Goals\n\n%s\n## Medians\n\n%s"
                .formatted(new Goals(server).markdown(results), new Table(results).markdown());
        System.out.println(text);
        Files.writeString(output.resolve("results.md"), text, UTF_8);
        for (Map.Entry<String, Chart> chart : CHARTS.entrySet()) {
            String svg = chart.getValue().svg(results);
            if (!svg.isEmpty()) {
                Files.writeString(output.resolve(chart.getKey()), svg, UTF_8);
            }
        }
        return 0;
    }
}
