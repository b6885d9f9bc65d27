package io.jenkins.plugins.cvmfs.notify.load.report;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** All results as tables in Markdown: one for each scenario and kind of subscribers, a line for each size and server. */
public final class Table {

    private record Column(String title, String metric) {}

    private static final List<Column> COLUMNS = List.of(
            new Column("CPU us/delivery", "cpuMicrosPerDelivery"),
            new Column("last reached, us", "untilLastP50Micros"),
            new Column("broker CPU s", "behindCpuSeconds"),
            new Column("client CPU s", "clientCpuSeconds"),
            new Column("p50 us", "latencyP50Micros"),
            new Column("p99 us", "latencyP99Micros"),
            new Column("publish p50 us", "answeredP50Micros"),
            new Column("publish p99 us", "answeredP99Micros"),
            new Column("added p99 us", "addedLatencyP99Micros"),
            new Column("added publish p99 us", "addedAnsweredP99Micros"),
            new Column("RSS KB", "serverKilobytes"),
            new Column("KB/connection", "kilobytesPerConnection"),
            new Column("CPU us/connection", "backMicrosPerConnection"),
            new Column("all back, s", "backSeconds"),
            new Column("grown KB", "grownKilobytes"),
            new Column("publishes/s", "confirmedPerSecond"),
            new Column("CPU us/publish", "cpuMicrosPerPublish"),
            new Column("generator, cores", "generatorCore"));

    private final Results results;

    public Table(Results results) {
        this.results = results;
    }

    public String markdown() {
        StringBuilder text = new StringBuilder();
        for (String title :
                results.series().stream().map(Table::title).collect(Collectors.toCollection(TreeSet::new))) {
            List<Sample> lines = results.series().stream()
                    .filter(sample -> title(sample).equals(title))
                    .toList();
            text.append("### ")
                    .append(title)
                    .append("\n\n")
                    .append(table(lines))
                    .append('\n');
        }
        return text.toString();
    }

    private static String title(Sample sample) {
        return sample.scenario() + ", " + sample.kind().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private String table(List<Sample> lines) {
        List<Column> columns = COLUMNS.stream()
                .filter(column -> lines.stream()
                        .anyMatch(line -> results.median(line, column.metric()).isPresent()))
                .toList();
        StringBuilder text = new StringBuilder("| size | server | durability | n |");
        columns.forEach(column -> text.append(' ').append(column.title()).append(" |"));
        text.append("\n|---|---|---|---|").append("---|".repeat(columns.size())).append('\n');
        for (Sample line : lines) {
            text.append("| %,d | %s | %s | %d |"
                    .formatted(line.size(), line.server(), line.durability(), results.repetitions(line)));
            columns.forEach(column -> text.append(' ')
                    .append(number(results.median(line, column.metric())))
                    .append(" |"));
            text.append('\n');
        }
        return text.toString();
    }

    static String number(OptionalDouble value) {
        if (value.isEmpty()) {
            return "";
        }
        double it = value.getAsDouble();
        return it >= 100 ? "%,.0f".formatted(it) : "%.2f".formatted(it);
    }
}
