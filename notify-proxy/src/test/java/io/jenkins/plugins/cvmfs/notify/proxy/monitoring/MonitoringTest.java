package io.jenkins.plugins.cvmfs.notify.proxy.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the documentation, the dashboard and the alerts say about metrics, against those that proxies really have. */
class MonitoringTest {

    private static final Path PAGE = Path.of("../docs/operations.md");
    private static final Path ALERTS = Path.of("../docs/monitoring/alerts.yml");
    private static final Path DASHBOARD = Path.of("../docs/monitoring/grafana-dashboard.json");

    private static final Pattern NAME = Pattern.compile("cvmfs_notify_[a-z_]+");
    private static final Pattern MATCHERS = Pattern.compile("(cvmfs_notify_[a-z_]+)\\{([^}]*)}");
    private static final Pattern MATCHED = Pattern.compile("([a-z_]+)(?:=~?|!=|!~)\"");
    private static final Pattern GROUPED = Pattern.compile("by \\(([a-z_, ]+)\\)[^)]*?(cvmfs_notify_[a-z_]+)");

    /** What Prometheus adds to every metric, and a histogram's own label. */
    private static final Set<String> EVERYWHERE = Set.of("instance", "job", "le");

    private static Map<String, ScrapedMetric> metrics = Map.of();

    @BeforeAll
    static void scrape() throws IOException, InterruptedException {
        metrics = ScrapedMetric.parse(MonitoredProxies.scrape());
    }

    @Test
    void theTableHasEveryMetricWithItsTypeAndLabels() throws IOException {
        Set<String> documented = Files.readAllLines(PAGE).stream()
                .filter(line -> line.startsWith("| `cvmfs_notify_"))
                .map(line -> line.replace("`", "").split("\\s*\\|\\s*"))
                .map(cells -> "%s %s".formatted(cells[1], cells[2]))
                .collect(Collectors.toCollection(TreeSet::new));

        Set<String> real = metrics.values().stream()
                .map(metric -> "%s%s %s".formatted(metric.name(), inBraces(metric.labels()), metric.type()))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(documented).isEqualTo(real);
    }

    private static String inBraces(Set<String> labels) {
        return labels.isEmpty() ? "" : "{" + String.join(",", labels) + "}";
    }

    @Test
    void unitsAndCountersAreNamedAsPrometheusWantsThem() {
        assertThat(metrics.values()).allSatisfy(metric -> {
            assertThat(metric.name().endsWith("_total")).isEqualTo(metric.type().equals("counter"));
            assertThat(metric.name()).doesNotContainPattern("_(ms|millis|seconds_total|kb|mb)$");
        });
    }

    @Test
    void theDashboardAsksForMetricsAndLabelsThatExist() throws IOException {
        JsonNode dashboard = new JsonMapper().readTree(DASHBOARD.toFile());
        List<String> expressions = Stream.concat(
                        dashboard.findValuesAsText("expr").stream(), dashboard.findValuesAsText("query").stream())
                .filter(text -> text.contains("cvmfs_"))
                .toList();

        assertThat(expressions).hasSizeGreaterThan(20).allSatisfy(MonitoringTest::exists);
        assertThat(panels()).extracting(panel -> panel.path("id").asInt()).doesNotHaveDuplicates();
    }

    /** A chart of 300 lines can neither be drawn nor read. */
    @Test
    void aChartOfRepositoriesOrReplicasHasTheFirstFewOnly() throws IOException {
        List<String> charts = panels().stream()
                .filter(panel -> panel.path("type").asText().equals("timeseries"))
                .flatMap(panel -> panel.findValuesAsText("expr").stream())
                .filter(expression -> expression.matches(".*by \\((repository|replica).*"))
                .toList();

        assertThat(charts)
                .hasSizeGreaterThan(3)
                .allSatisfy(expression -> assertThat(expression).containsPattern(" and topk\\(15, .* @ end\\(\\)"));
    }

    @Test
    void promtoolUnderstandsTheDashboard(@TempDir Path folder) throws IOException {
        StringBuilder rules = new StringBuilder("groups:\n- name: dashboard\n  rules:\n");
        for (JsonNode panel : panels()) {
            List<String> expressions = panel.findValuesAsText("expr");
            for (int i = 0; i < expressions.size(); i++) {
                rules.append("  - record: panel_%d:%d\n    expr: '%s'\n"
                        .formatted(
                                panel.path("id").asInt(), i, expressions.get(i).replace("$__rate_interval", "5m")));
            }
        }
        Path file = Files.writeString(folder.resolve("dashboard.yml"), rules);

        assertThat(promtool("check", file)).contains("SUCCESS");
    }

    private static List<JsonNode> panels() throws IOException {
        List<JsonNode> panels = new ArrayList<>();
        new JsonMapper().readTree(DASHBOARD.toFile()).path("panels").forEach(panels::add);
        return panels;
    }

    @Test
    void theAlertsAskForMetricsAndLabelsThatExistAndAreDocumented() throws IOException {
        String alerts = Files.readString(ALERTS);

        exists(alerts);
        List<String> named = find(Pattern.compile("alert: (\\S+)"), alerts)
                .map(found -> found.group(1))
                .toList();
        List<String> documented = find(Pattern.compile("(?m)^\\| `(Cvmfs\\w+)`"), Files.readString(PAGE))
                .map(found -> found.group(1))
                .toList();
        assertThat(named).hasSizeGreaterThan(5).isEqualTo(documented);
    }

    @Test
    void aMetricOrLabelThatDoesNotExistIsFound() {
        assertThat(unknown("rate(cvmfs_notify_publishes_total{outcome=\"x\"}[5m])"))
                .isEmpty();
        assertThat(unknown("rate(cvmfs_notify_publishs_total[5m])")).containsExactly("cvmfs_notify_publishs_total");
        assertThat(unknown("cvmfs_notify_ready{outcome=\"x\"}")).containsExactly("cvmfs_notify_ready{outcome}");
        assertThat(unknown("cvmfs_notify_ready{instance!=\"x\", outcome!~\"y\"}"))
                .containsExactly("cvmfs_notify_ready{outcome}");
        assertThat(unknown("sum by (kind, le) (rate(cvmfs_notify_delivery_seconds_bucket[5m]))"))
                .containsExactly("cvmfs_notify_delivery_seconds_bucket{kind}");
    }

    @Test
    void promtoolAcceptsTheRules() {
        assertThat(promtool("check", ALERTS)).contains("SUCCESS: 11 rules found");
    }

    @Test
    void eachAlertIsRaisedWhenItShouldBeAndNotBefore() throws IOException {
        Path scenarios = Path.of("src/test/resources/alerts-test.yml");

        assertThat(promtool("test", scenarios)).contains("SUCCESS");
        assertThat(find(Pattern.compile("alert: (\\S+)"), Files.readString(ALERTS))
                        .map(found -> found.group(1)))
                .as("is tried out")
                .allSatisfy(alert -> assertThat(Files.readString(scenarios))
                        .contains("alertname: " + alert + "\n        exp_alerts:\n"));
    }

    private static String promtool(String what, Path file) {
        Optional<Path> promtool = Programs.find("promtool");
        assumeTrue(promtool.isPresent(), "no promtool");
        return Programs.run(List.of(promtool.orElseThrow().toString(), what, "rules", file.toString()));
    }

    private static void exists(String expressions) {
        assertThat(unknown(expressions)).as(expressions).isEmpty();
    }

    private static Set<String> unknown(String expressions) {
        Set<String> unknown = new TreeSet<>();
        find(NAME, expressions)
                .map(MatchResult::group)
                .filter(name -> metric(name).isEmpty())
                .forEach(unknown::add);
        find(MATCHERS, expressions)
                .forEach(found -> find(MATCHED, found.group(2))
                        .forEach(label -> addUnknown(unknown, found.group(1), label.group(1))));
        find(GROUPED, expressions)
                .forEach(found -> Stream.of(found.group(1).split(", *"))
                        .forEach(label -> addUnknown(unknown, found.group(2), label)));
        return unknown;
    }

    private static void addUnknown(Set<String> unknown, String name, String label) {
        boolean exists = EVERYWHERE.contains(label)
                || metric(name).map(metric -> metric.labels().contains(label)).orElse(true);
        if (!exists) {
            unknown.add("%s{%s}".formatted(name, label));
        }
    }

    /** A histogram also goes by the names of its parts. */
    private static Optional<ScrapedMetric> metric(String name) {
        ScrapedMetric whole = metrics.get(name.replaceAll("_(bucket|sum|count)$", ""));
        return Optional.ofNullable(metrics.get(name))
                .or(() -> Optional.ofNullable(whole).filter(it -> it.type().equals("histogram")));
    }

    private static Stream<MatchResult> find(Pattern pattern, String text) {
        return pattern.matcher(text).results();
    }
}
