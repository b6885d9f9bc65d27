package io.jenkins.plugins.cvmfs.notify.load.report;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * A plot of one number against the size, a line for each server, as SVG. The size's axis is logarithmic, the other starts at 0.
 *
 * @param title what is shown, with its unit
 */
public record Chart(String title, String scenario, String kind, String metric) {

    private static final int WIDTH = 640;
    private static final int HEIGHT = 360;
    private static final int LEFT = 70;
    private static final int RIGHT = 150;
    private static final int TOP = 40;
    private static final int BOTTOM = 50;
    private static final List<String> COLOURS = List.of(
            "#1b6ca8", "#c8553d", "#2a7f3f", "#7a4fa3", "#8a6d00", "#555555", "#b0307a", "#0f8b8d", "#e08e00",
            "#3d3d8f");

    /** The file's text; empty if nothing was measured. */
    public String svg(Results results) {
        Map<String, TreeMap<Integer, Double>> lines = lines(results);
        if (lines.isEmpty()) {
            return "";
        }
        Scale scale = Scale.of(lines);
        StringBuilder svg = new StringBuilder(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">\n"
                        .formatted(WIDTH, HEIGHT));
        svg.append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        svg.append(text(LEFT, 22, "start", title));
        axes(svg, scale, lines);
        int number = 0;
        for (Map.Entry<String, TreeMap<Integer, Double>> line : lines.entrySet()) {
            draw(svg, scale, line.getValue(), line.getKey(), number++);
        }
        return svg.append("</svg>\n").toString();
    }

    private Map<String, TreeMap<Integer, Double>> lines(Results results) {
        Map<String, TreeMap<Integer, Double>> lines = new TreeMap<>();
        for (Sample sample : results.series()) {
            OptionalDouble value = results.median(sample, metric);
            if (sample.scenario().equals(scenario) && sample.kind().equals(kind) && value.isPresent()) {
                lines.computeIfAbsent(sample.server(), name -> new TreeMap<>()).put(sample.size(), value.getAsDouble());
            }
        }
        return lines;
    }

    private static void axes(StringBuilder svg, Scale scale, Map<String, TreeMap<Integer, Double>> lines) {
        for (int i = 0; i <= 4; i++) {
            double value = scale.highest() * i / 4;
            double y = scale.y(value);
            svg.append("<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#dddddd\"/>\n"
                    .formatted(LEFT, WIDTH - RIGHT, y, y));
            svg.append(text(LEFT - 6, y + 4, "end", Table.number(OptionalDouble.of(value))));
        }
        lines.values().stream()
                .flatMap(line -> line.keySet().stream())
                .distinct()
                .forEach(
                        size -> svg.append(text(scale.x(size), HEIGHT - BOTTOM + 18, "middle", "%,d".formatted(size))));
        svg.append(text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 10, "middle", "subscribers"));
    }

    private static void draw(StringBuilder svg, Scale scale, TreeMap<Integer, Double> line, String name, int number) {
        String colour = COLOURS.get(number % COLOURS.size());
        StringBuilder points = new StringBuilder();
        line.forEach((size, value) -> {
            points.append("%.1f,%.1f ".formatted(scale.x(size), scale.y(value)));
            svg.append("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n"
                    .formatted(scale.x(size), scale.y(value), colour));
        });
        svg.append("<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>\n"
                .formatted(points.toString().strip(), colour));
        int y = TOP + 10 + number * 18;
        svg.append("<rect x=\"%d\" y=\"%d\" width=\"10\" height=\"10\" fill=\"%s\"/>\n"
                .formatted(WIDTH - RIGHT + 14, y - 9, colour));
        svg.append(text(WIDTH - RIGHT + 30, y, "start", name));
    }

    private static String text(double x, double y, String anchor, String content) {
        return "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n".formatted(x, y, anchor, content);
    }

    /** From numbers to places. */
    private record Scale(double smallest, double largest, double highest) {

        static Scale of(Map<String, TreeMap<Integer, Double>> lines) {
            double smallest =
                    lines.values().stream().mapToInt(TreeMap::firstKey).min().orElseThrow();
            double largest =
                    lines.values().stream().mapToInt(TreeMap::lastKey).max().orElseThrow();
            double highest = lines.values().stream()
                    .flatMap(line -> line.values().stream())
                    .mapToDouble(Double::doubleValue)
                    .max()
                    .orElseThrow();
            return new Scale(smallest, largest, highest * 1.1);
        }

        double x(double size) {
            double part = largest == smallest ? 0.5 : Math.log(size / smallest) / Math.log(largest / smallest);
            return LEFT + 20 + part * (WIDTH - RIGHT - LEFT - 40);
        }

        double y(double value) {
            return HEIGHT - BOTTOM - value / highest * (HEIGHT - BOTTOM - TOP);
        }
    }
}
