package io.jenkins.plugins.cvmfs.notify.client.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryFile;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the time that a stratum 1 writes after a snapshot, as {@code date --utc} prints it: {@code Thu Nov 26 21:13:15 UTC
 * 2026}, or with an English locale {@code Thu 26 Nov 2026 09:13:15 PM UTC}.
 */
final class SnapshotTime {

    private static final String MONTH = "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
    private static final Pattern DAY = Pattern.compile("\\b(?:%1$s +(\\d{1,2})|(\\d{1,2}) %1$s)\\b".formatted(MONTH));
    private static final Pattern TIME = Pattern.compile("\\b(\\d{2}:\\d{2}:\\d{2})(?: ([AP]M))?\\b");
    private static final Pattern YEAR = Pattern.compile("\\b(\\d{4})\\b");
    private static final DateTimeFormatter HOURS_24 = DateTimeFormatter.ofPattern("MMM d yyyy HH:mm:ss", Locale.ROOT);
    private static final DateTimeFormatter HOURS_12 = DateTimeFormatter.ofPattern("MMM d yyyy hh:mm:ss a", Locale.ROOT);

    private static final JsonMapper JSON = new JsonMapper();

    /** The longest file with the time, in bytes. */
    private static final int MAX_BYTES = 64 * 1024;

    private SnapshotTime() {}

    /**
     * Reads the time from {@code .cvmfs_status.json}, else from {@code .cvmfs_last_snapshot}; empty if neither holds it.
     *
     * @param reader reads the small files
     */
    static CompletableFuture<Optional<Instant>> read(RepositoryReader reader, RepositoryLocation location) {
        return Futures.compose(
                read(reader, location, RepositoryFile.STATUS, SnapshotTime::inStatus),
                time -> time.isPresent()
                        ? CompletableFuture.completedFuture(time)
                        : read(reader, location, RepositoryFile.LAST_SNAPSHOT, line -> parse(new String(line, UTF_8))));
    }

    private static CompletableFuture<Optional<Instant>> read(
            RepositoryReader reader,
            RepositoryLocation location,
            RepositoryFile file,
            Function<byte[], Optional<Instant>> parse) {
        return Futures.handle(reader.file(location, file.path(), MAX_BYTES), (bytes, failure) -> {
            if (failure == null) {
                return CompletableFuture.completedFuture(parse.apply(bytes));
            }
            return failure instanceof NotFoundException
                    ? CompletableFuture.completedFuture(Optional.empty())
                    : CompletableFuture.failedFuture(failure);
        });
    }

    /** From {@code .cvmfs_status.json}; empty if that is something else. */
    private static Optional<Instant> inStatus(byte[] json) {
        try {
            return parse(JSON.readTree(json).path("last_snapshot").asText(""));
        } catch (IOException notJson) {
            return Optional.empty();
        }
    }

    /** Returns the time; empty if the text holds none. */
    private static Optional<Instant> parse(String text) {
        Matcher day = DAY.matcher(text);
        Matcher time = TIME.matcher(text);
        Matcher year = YEAR.matcher(text);
        if (!day.find() || !time.find() || !year.find()) {
            return Optional.empty();
        }
        String date = day.group(1) != null ? day.group(1) + " " + day.group(2) : day.group(4) + " " + day.group(3);
        boolean isHalfDay = time.group(2) != null;
        String clock = time.group(1) + (isHalfDay ? " " + time.group(2) : "");
        try {
            return Optional.of(
                    LocalDateTime.parse(date + " " + year.group(1) + " " + clock, isHalfDay ? HOURS_12 : HOURS_24)
                            .toInstant(ZoneOffset.UTC));
        } catch (DateTimeException notATime) {
            return Optional.empty();
        }
    }
}
