package io.jenkins.plugins.cvmfs.notify.client.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The time that a stratum 1 writes down when it has taken a snapshot, as {@code date --utc} prints it: {@code Thu Nov 26
 * 21:13:15 UTC 2026}, or where the server's locale is English {@code Thu 26 Nov 2026 09:13:15 PM UTC}.
 */
final class SnapshotTime {

    private static final String MONTH = "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
    private static final Pattern DAY = Pattern.compile("\\b(?:%1$s +(\\d{1,2})|(\\d{1,2}) %1$s)\\b".formatted(MONTH));
    private static final Pattern TIME = Pattern.compile("\\b(\\d{2}:\\d{2}:\\d{2})(?: ([AP]M))?\\b");
    private static final Pattern YEAR = Pattern.compile("\\b(\\d{4})\\b");
    private static final DateTimeFormatter HOURS_24 = DateTimeFormatter.ofPattern("MMM d yyyy HH:mm:ss", Locale.ROOT);
    private static final DateTimeFormatter HOURS_12 = DateTimeFormatter.ofPattern("MMM d yyyy hh:mm:ss a", Locale.ROOT);

    private static final JsonMapper JSON = new JsonMapper();

    private SnapshotTime() {}

    /** From {@code .cvmfs_status.json}; empty if that is no such file. */
    static Optional<Instant> fromStatus(byte[] json) {
        try {
            return parse(JSON.readTree(json).path("last_snapshot").asText(""));
        } catch (IOException notJson) {
            return Optional.empty();
        }
    }

    /** From {@code .cvmfs_last_snapshot}; empty if that is no such file. */
    static Optional<Instant> fromLine(byte[] line) {
        return parse(new String(line, UTF_8));
    }

    private static Optional<Instant> parse(String text) {
        Matcher day = DAY.matcher(text);
        Matcher time = TIME.matcher(text);
        Matcher year = YEAR.matcher(text);
        if (!day.find() || !time.find() || !year.find()) {
            return Optional.empty();
        }
        String date = day.group(1) != null ? day.group(1) + " " + day.group(2) : day.group(4) + " " + day.group(3);
        boolean isHalfDay = time.group(2) != null;
        String rest = time.group(1) + (isHalfDay ? " " + time.group(2) : "");
        try {
            return Optional.of(
                    LocalDateTime.parse(date + " " + year.group(1) + " " + rest, isHalfDay ? HOURS_12 : HOURS_24)
                            .toInstant(ZoneOffset.UTC));
        } catch (DateTimeException notATime) {
            return Optional.empty();
        }
    }
}
