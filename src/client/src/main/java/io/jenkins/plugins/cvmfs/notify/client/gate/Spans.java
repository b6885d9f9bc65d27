package io.jenkins.plugins.cvmfs.notify.client.gate;

import java.time.Duration;
import java.time.Instant;

/** Lengths of time, as people say them. */
final class Spans {

    private Spans() {}

    /** From one instant to the other; zero if the clocks have it the other way round. */
    static Duration between(Instant from, Instant to) {
        return to.isBefore(from) ? Duration.ZERO : Duration.between(from, to);
    }

    /** Such as {@code 0.4 s}, {@code 12 s}, {@code 34 min} or {@code 5 h 3 min}. */
    static String text(Duration span) {
        if (span.toSeconds() < 10) {
            return "%d.%d s".formatted(span.toSeconds(), span.toMillisPart() / 100);
        }
        if (span.toMinutes() < 2) {
            return span.toSeconds() + " s";
        }
        return span.toHours() < 2 ? span.toMinutes() + " min" : span.toHours() + " h " + span.toMinutesPart() + " min";
    }
}
