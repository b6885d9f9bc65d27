package io.jenkins.plugins.cvmfs.notify.proxy.monitoring;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One metric as Prometheus reads it.
 *
 * @param name without the suffixes of a histogram's parts
 * @param labels those of all its samples, without a histogram's {@code le}
 */
record ScrapedMetric(String name, String type, Set<String> labels) {

    private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");
    private static final Pattern SAMPLE = Pattern.compile("([a-z_]+)(?:\\{(.*)})? \\S+");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"[^\"]*\",?");

    /** All metrics of this project in the text of a scrape, by name. */
    static Map<String, ScrapedMetric> parse(String scrape) {
        Map<String, ScrapedMetric> metrics = new LinkedHashMap<>();
        ScrapedMetric current = new ScrapedMetric("", "", new TreeSet<>());
        for (String line : scrape.lines().toList()) {
            Matcher type = TYPE.matcher(line);
            Matcher sample = SAMPLE.matcher(line);
            if (type.matches()) {
                current = new ScrapedMetric(type.group(1), type.group(2), new TreeSet<>());
            } else if (sample.matches() && current.name().startsWith("cvmfs_notify_")) {
                metrics.put(current.name(), current);
                Matcher label = LABEL.matcher(sample.group(2) == null ? "" : sample.group(2));
                while (label.find()) {
                    current.labels().add(label.group(1));
                }
                current.labels().remove("le");
            }
        }
        // The longest time is a metric of its own to Micrometer, and belongs to the histogram for everybody else.
        metrics.keySet().removeIf(name -> name.endsWith("_max") && metrics.containsKey(name.replaceAll("_max$", "")));
        return metrics;
    }
}
