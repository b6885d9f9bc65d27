package io.jenkins.plugins.cvmfs.notify.page;

import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.page.WaitRecord.ReplicaRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The drawing of a wait: one row for each replica, from published over announced to readable. Positions are percentages of the
 * drawing's width, on a scale that all rows share, so that it fits every width.
 *
 * @param ticks the marks of the scale
 * @param rows one for each replica, in the order of the wait
 * @param origin of the marks, such as {@code since publication}
 * @param cut true if the publication was long before the begin of the wait, left of the drawing
 * @param published where the revision was published; null if that is unknown or left of the drawing
 * @param announced where it was announced; null if that is unknown or left of the drawing
 * @param start where the rows begin
 */
public record Timeline(
        List<Tick> ticks,
        List<Row> rows,
        String origin,
        boolean cut,
        @Nullable String published,
        @Nullable String announced,
        String start) {

    private static final double LEFT = 3;
    private static final double WIDTH = 91;
    private static final int MAX_TICKS = 4;

    /** A publication that is further before the begin of the wait than so many times the wait's length is left of the drawing. */
    private static final int MAX_BEFORE = 20;

    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration DAY = Duration.ofDays(1);

    private static final List<Duration> STEPS = Stream.concat(
                    Stream.of(200, 500).map(Duration::ofMillis),
                    Stream.of(
                                    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200,
                                    86400, 172800, 432000, 864000)
                            .map(Duration::ofSeconds))
            .toList();

    /**
     * A mark of the scale.
     *
     * @param x its position, and the middle of its text
     */
    public record Tick(String x, String label) {}

    /**
     * One replica.
     *
     * @param seen where it served the manifest first; null if it did not, or had the root catalog too
     * @param readable where it could be read first; null if it could not
     * @param end where its line ends
     * @param latency how long it took; a dash if it is not known
     * @param label the row in words
     */
    public record Row(
            ReplicaRecord replica,
            @Nullable String seen,
            @Nullable String readable,
            String end,
            String latency,
            String label) {}

    /**
     * Draws a wait.
     *
     * @param announcedAt when the revision was announced; null if that is not known
     * @param now the end of the scale while the wait runs
     */
    static Timeline of(WaitRecord wait, @Nullable Instant announcedAt, Instant now) {
        Instant publishedAt = wait.published();
        Instant started = wait.started();
        Instant first = Stream.of(publishedAt, announcedAt, started)
                .filter(Objects::nonNull)
                .min(Instant::compareTo)
                .orElse(started);
        Instant end = Objects.requireNonNullElse(wait.ended(), now);
        Instant to = end.isBefore(first.plus(SHORTEST)) ? first.plus(SHORTEST) : end;
        Duration watched = Duration.between(started, to);
        boolean cut = Duration.between(first, started)
                        .compareTo(watched.plus(SHORTEST).multipliedBy(MAX_BEFORE))
                > 0;
        Scale scale = new Scale(cut ? started.minus(watched.dividedBy(MAX_TICKS)) : first, to);
        Instant zero = cut ? started : firstOf(publishedAt, announcedAt, started);
        String published = scale.position(publishedAt);
        String announced = scale.position(announcedAt);
        String start = published == null ? announced : published;
        return new Timeline(
                scale.ticks(zero),
                wait.getReplicas().stream()
                        .map(replica -> row(wait, replica, announcedAt, scale))
                        .toList(),
                cut || zero.equals(started)
                        ? "since the wait began"
                        : zero.equals(publishedAt) ? "since publication" : "since the announcement",
                cut,
                published,
                announced,
                cut || start == null ? scale.percent(scale.from()) : start);
    }

    private static Instant firstOf(@Nullable Instant published, @Nullable Instant announced, Instant started) {
        return published != null ? published : announced != null ? announced : started;
    }

    /** The times at both ends of the drawing, which all rows share. */
    private record Scale(Instant from, Instant to) {

        /** Returns null for a time that is unknown or left of the drawing. */
        @Nullable
        String position(@Nullable Instant at) {
            return at == null || at.isBefore(from) ? null : percent(at);
        }

        String percent(Instant at) {
            double part = (double) Duration.between(from, at).toMillis()
                    / Duration.between(from, to).toMillis();
            return String.format(Locale.ROOT, "%.2f%%", LEFT + WIDTH * Math.min(1, Math.max(0, part)));
        }

        List<Tick> ticks(Instant zero) {
            Duration span = Duration.between(zero, to);
            Duration step = STEPS.stream()
                    .filter(candidate -> span.dividedBy(candidate) < MAX_TICKS + 1)
                    .findFirst()
                    .orElse(span.dividedBy(MAX_TICKS));
            List<Tick> marks = new ArrayList<>();
            for (Duration after = Duration.ZERO; after.compareTo(span) <= 0; after = after.plus(step)) {
                marks.add(new Tick(percent(zero.plus(after)), label(after)));
            }
            return marks;
        }
    }

    private static String label(Duration after) {
        if (after.isZero()) {
            return "0";
        }
        if (after.compareTo(SHORTEST) < 0) {
            return after.toMillis() + " ms";
        }
        if (after.compareTo(DAY) >= 0) {
            return after.toDays() + " d";
        }
        return Stream.of(after.toHours() + " h", after.toMinutesPart() + " min", after.toSecondsPart() + " s")
                .filter(part -> !part.startsWith("0 "))
                .reduce((one, other) -> one + " " + other)
                .orElse("");
    }

    private static Row row(WaitRecord wait, ReplicaRecord replica, @Nullable Instant announcedAt, Scale scale) {
        Instant available = replica.isCounted() ? replica.available() : null;
        Long millis = replica.getLatencyMillis();
        String took = available == null || millis == null
                ? ""
                : (replica.isMeasured() ? "" : "at most ") + GateReport.text(Duration.ofMillis(millis));
        StringBuilder label = new StringBuilder(replica.getTitle());
        if (wait.published() != null && announcedAt != null) {
            Duration delay = Duration.between(wait.published(), announcedAt);
            label.append(": announced ")
                    .append(GateReport.text(delay.isNegative() ? Duration.ZERO : delay))
                    .append(" after publication,");
        } else {
            label.append(announcedAt == null ? ": not announced," : ": announced,");
        }
        if (available == null) {
            label.append(wait.isRunning() ? " not readable yet" : " not readable");
        } else {
            label.append(took.isEmpty() ? " readable" : " readable after " + took);
        }
        return new Row(
                replica,
                available == null ? scale.position(replica.seen()) : null,
                scale.position(available),
                scale.percent(available == null ? scale.to() : available),
                took.isEmpty() ? "-" : took,
                label.toString());
    }
}
