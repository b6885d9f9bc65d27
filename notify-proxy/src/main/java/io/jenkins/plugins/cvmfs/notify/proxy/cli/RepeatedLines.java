package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.event.KeyValuePair;

/**
 * Keeps anyone from filling the log: a line of the same logger with the same text comes once a second in the long run, and ten times at
 * once. The next one that comes says how many were suppressed. Texts are constant in this program, what differs stands in pairs beside
 * them. Lines below INFO are not counted: who asks for them wants them all. From any thread.
 */
final class RepeatedLines extends Filter<ILoggingEvent> {

    static final String SUPPRESSED = "suppressed";
    static final int AT_ONCE = 10;
    static final int MOST_TEXTS = 1_000;

    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private record Text(String logger, String message) {}

    /** What one text may still take. Guarded by the filter's lock. */
    private static final class Allowance {
        private long usedUntilNanos;
        private long suppressed;

        Allowance(long nowNanos) {
            usedUntilNanos = nowNanos;
        }

        /** How many were suppressed before this one; -1 if it is suppressed, too. */
        long take(long nowNanos) {
            if (usedUntilNanos - nowNanos < 0) {
                usedUntilNanos = nowNanos;
            }
            if (usedUntilNanos - nowNanos > (AT_ONCE - 1) * INTERVAL_NANOS) {
                suppressed++;
                return -1;
            }
            usedUntilNanos += INTERVAL_NANOS;
            long before = suppressed;
            suppressed = 0;
            return before;
        }
    }

    private final LongSupplier nanoTime;
    private final Map<Text, Allowance> allowances = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Text, Allowance> eldest) {
            return size() > MOST_TEXTS;
        }
    };

    RepeatedLines() {
        this(System::nanoTime);
    }

    /** @param nanoTime a clock that never jumps */
    RepeatedLines(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    @Override
    public FilterReply decide(ILoggingEvent event) {
        if (!event.getLevel().isGreaterOrEqual(Level.INFO)) {
            return FilterReply.NEUTRAL;
        }
        long suppressed = take(new Text(event.getLoggerName(), String.valueOf(event.getMessage())));
        if (suppressed < 0) {
            return FilterReply.DENY;
        }
        if (suppressed > 0 && event instanceof LoggingEvent line) {
            line.addKeyValuePair(new KeyValuePair(SUPPRESSED, suppressed));
        }
        return FilterReply.NEUTRAL;
    }

    private synchronized long take(Text text) {
        long now = nanoTime.getAsLong();
        return allowances.computeIfAbsent(text, added -> new Allowance(now)).take(now);
    }
}
