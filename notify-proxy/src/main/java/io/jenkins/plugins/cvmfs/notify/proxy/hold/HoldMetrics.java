package io.jenkins.plugins.cvmfs.notify.proxy.hold;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/** The metrics of holding. */
final class HoldMetrics {

    /** How a hold ended. */
    enum End {
        /** The revision, or a newer one, is readable. */
        READABLE,
        /** It took longer than allowed; subscribers were told anyway. */
        OVERDUE,
        /** The memory of last values is full; subscribers were told at once. */
        NO_ROOM,
        /** Nothing was to be told any more, or nothing to be held: forgotten, or the configuration changed. */
        CANCELLED
    }

    private final Map<End, Timer> ended = new EnumMap<>(End.class);

    HoldMetrics(MeterRegistry meters, Supplier<Number> held, Supplier<Number> longestSeconds) {
        for (End end : End.values()) {
            ended.put(
                    end,
                    Timer.builder("cvmfs_notify_hold")
                            .description("Time for which a repository's announcements were held")
                            .tag("end", end.name().toLowerCase(Locale.ROOT))
                            .serviceLevelObjectives(
                                    Duration.ofMillis(100),
                                    Duration.ofSeconds(1),
                                    Duration.ofSeconds(5),
                                    Duration.ofSeconds(30),
                                    Duration.ofMinutes(1),
                                    Duration.ofMinutes(5))
                            .register(meters));
        }
        Gauge.builder("cvmfs_notify_held_repositories", held)
                .description("Repositories with a revision that subscribers are not told yet")
                .register(meters);
        Gauge.builder("cvmfs_notify_held_longest_seconds", longestSeconds)
                .description("Time since the oldest of them arrived; 0 if there is none")
                .register(meters);
    }

    void ended(End end, Duration after) {
        Objects.requireNonNull(ended.get(end)).record(after.isNegative() ? Duration.ZERO : after);
    }
}
