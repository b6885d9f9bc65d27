package io.jenkins.plugins.cvmfs.notify.proxy.history;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Outcome;
import io.jenkins.plugins.cvmfs.notify.proxy.history.HistoryChecker.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Adds up schedules, also those of several runs: each appends one line to a file, and the table is made from the whole file. A schedule
 * that failed has its line, too.
 */
final class HistoryTotals {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String RECOVERY = "slowest recovery, ms";
    private static final String FAULT = "fault: ";

    private final Path file;

    HistoryTotals(Path file) {
        this.file = file;
    }

    /**
     * Notes a schedule.
     *
     * @param brokers what it ran on, the heading of a column
     * @param mode how the log is kept
     * @param isViolated whether a promise was broken, or the schedule did not come to its end
     */
    synchronized void add(long seed, String brokers, String mode, History history, Result result, boolean isViolated)
            throws IOException {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("seed", seed);
        line.put("brokers", brokers);
        line.put("schedules, " + mode, 1);
        line.put("publishes answered with 200", history.count(Outcome.ACCEPTED));
        line.put("publishes refused", history.count(Outcome.REFUSED));
        line.put("publishes not answered", history.count(Outcome.UNANSWERED));
        line.put("connections of subscribers", history.connections().size());
        line.put("announcements received", history.receipts());
        history.faultsByKind().forEach((kind, count) -> line.put(FAULT + kind, count));
        history.recovery().map(Duration::toMillis).ifPresent(millis -> line.put(RECOVERY, millis));
        line.put("came late, after a fault had held it up", result.late());
        line.put("schedules with a violation", isViolated ? 1 : 0);
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(
                file, JSON.writeValueAsString(line) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** The sums of the file in Markdown: a column for each kind of broker, a row for each thing counted; recovery is a maximum. */
    synchronized List<String> table() throws IOException {
        Map<String, Map<String, Long>> columns = new LinkedHashMap<>();
        Set<String> rows = new LinkedHashSet<>();
        Set<String> faults = new TreeSet<>();
        for (String text : Files.readAllLines(file)) {
            Map<String, Object> line = JSON.readValue(text, new TypeReference<>() {});
            Map<String, Long> column =
                    columns.computeIfAbsent((String) line.get("brokers"), name -> new LinkedHashMap<>());
            line.forEach((name, value) -> {
                if (value instanceof Number count && !name.equals("seed")) {
                    (name.startsWith(FAULT) ? faults : rows).add(name);
                    column.merge(name, count.longValue(), name.equals(RECOVERY) ? Math::max : Long::sum);
                }
            });
        }
        List<String> table = new ArrayList<>();
        table.add(columns.keySet().stream().collect(Collectors.joining(" | ", "| | ", " |")));
        table.add("|---" + "|---:".repeat(columns.size()) + "|");
        rows.addAll(faults);
        for (String row : rows) {
            table.add(columns.values().stream()
                    .map(column -> column.getOrDefault(row, 0L).toString())
                    .collect(Collectors.joining(" | ", "| " + row + " | ", " |")));
        }
        return table;
    }
}
