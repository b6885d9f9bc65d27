package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.FilterReply;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

class LoggingTest {

    private final Logging.JsonEncoder encoder = new Logging.JsonEncoder();
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
    private final Logging.RepetitionLimit filter = new Logging.RepetitionLimit(now::get);

    private static LoggingEvent line(Level level, String message) {
        LoggerContext context = new LoggerContext();
        Logger logger = context.getLogger("a.b.C");
        LoggingEvent event = new LoggingEvent("", logger, level, message, null, new Object[0]);
        event.addKeyValuePair(new KeyValuePair("repository", "sw.example.org"));
        return event;
    }

    private long letThrough(int lines, Level level, String message) {
        return IntStream.range(0, lines)
                .filter(number -> filter.decide(line(level, message)) == FilterReply.NEUTRAL)
                .count();
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    @Test
    void aTextIsLoggedTenTimesAtOnceAndThenOnceASecond() {
        assertThat(letThrough(1_000, Level.INFO, "publish refused")).isEqualTo(10);

        pass(Duration.ofMillis(999));
        assertThat(letThrough(1_000, Level.INFO, "publish refused")).isZero();
        pass(Duration.ofMillis(1));
        assertThat(letThrough(1_000, Level.INFO, "publish refused")).isEqualTo(1);
        pass(Duration.ofHours(1));
        assertThat(letThrough(1_000, Level.INFO, "publish refused")).isEqualTo(10);
    }

    @Test
    void theNextLineSaysHowManyWereSuppressed() {
        letThrough(52, Level.WARN, "publish refused");
        pass(Duration.ofSeconds(1));
        LoggingEvent next = line(Level.WARN, "publish refused");
        LoggingEvent afterThat = line(Level.WARN, "publish refused");

        assertThat(filter.decide(next)).isEqualTo(FilterReply.NEUTRAL);
        pass(Duration.ofSeconds(1));
        assertThat(filter.decide(afterThat)).isEqualTo(FilterReply.NEUTRAL);

        assertThat(next.getKeyValuePairs())
                .extracting(pair -> pair.key + "=" + pair.value)
                .containsExactly("repository=sw.example.org", "suppressed=42");
        assertThat(afterThat.getKeyValuePairs()).hasSize(1);
    }

    @Test
    void otherTextsAndDebugLinesAreNotLimited() {
        letThrough(1_000, Level.INFO, "publish refused");

        assertThat(letThrough(1, Level.ERROR, "Journal cannot be written")).isEqualTo(1);
        assertThat(letThrough(1_000, Level.DEBUG, "publish refused")).isEqualTo(1_000);
    }

    @Test
    void theAuditIsNotLimited() {
        LoggingEvent event = event("io.jenkins.plugins.cvmfs.notify.audit", "announcement accepted", null);

        assertThat(IntStream.range(0, 100).mapToObj(i -> filter.decide(event))).containsOnly(FilterReply.NEUTRAL);
    }

    @Test
    void theNumberOfRememberedTextsIsBounded() {
        for (int i = 0; i < 2 * Logging.RepetitionLimit.MAX_TEXTS; i++) {
            letThrough(11, Level.INFO, "text " + i);
        }

        assertThat(letThrough(1, Level.INFO, "text " + Logging.RepetitionLimit.MAX_TEXTS))
                .isZero();
        assertThat(letThrough(1, Level.INFO, "text 0")).isEqualTo(1);
    }

    @Test
    void theProgramsLogIsLimited() {
        ConsoleAppender<ILoggingEvent> appender = Logging.appender(new LoggerContext());

        List<FilterReply> replies = IntStream.range(0, 1_000)
                .mapToObj(number -> appender.getFilterChainDecision(line(Level.INFO, "publish refused")))
                .toList();

        assertThat(replies).contains(FilterReply.DENY);
        assertThat(replies.subList(0, Logging.Allowance.AT_ONCE)).containsOnly(FilterReply.NEUTRAL);
    }

    @Test
    void anEventIsOneLineWithItsPairsAsFields() throws IOException {
        LoggingEvent event = event("publish\nrefused", null);
        event.addKeyValuePair(new KeyValuePair("detail", "a \"quoted\"\r\nname"));
        event.addKeyValuePair(new KeyValuePair("bytes", 17));
        event.addKeyValuePair(new KeyValuePair("first", true));
        event.addKeyValuePair(new KeyValuePair("nothing", null));

        String text = new String(encoder.encode(event), UTF_8);

        assertThat(text).endsWith("\n").containsOnlyOnce("\n");
        JsonNode line = new JsonMapper().readTree(text);
        assertThat(line.path("time").textValue()).isEqualTo("2026-11-23T12:00:00Z");
        assertThat(line.path("level").textValue()).isEqualTo("WARN");
        assertThat(line.path("logger").textValue()).isEqualTo("a.b.C");
        assertThat(line.path("message").textValue()).isEqualTo("publish\nrefused");
        assertThat(line.path("data").toString())
                .isEqualTo(
                        "{\"detail\":\"a \\\"quoted\\\"\\r\\nname\",\"bytes\":17,\"first\":true,\"nothing\":\"null\"}");
    }

    @Test
    void anExceptionStaysOnTheLineAndWithoutPairsThereIsNoDataField() throws IOException {
        String text = new String(encoder.encode(event("failed", new IOException("disk full"))), UTF_8);

        assertThat(text).containsOnlyOnce("\n");
        JsonNode line = new JsonMapper().readTree(text);
        assertThat(line.path("exception").textValue())
                .startsWith("java.io.IOException: disk full")
                .contains("at " + LoggingTest.class.getName());
        assertThat(line.has("data")).isFalse();
    }

    private static LoggingEvent event(String message, Throwable thrown) {
        return event("a.b.C", message, thrown);
    }

    private static LoggingEvent event(String logger, String message, Throwable thrown) {
        LoggingEvent event = new LoggingEvent(
                "", (Logger) LoggerFactory.getLogger(logger), Level.WARN, message, thrown, new Object[0]);
        event.setInstant(Instant.parse("2026-11-23T12:00:00Z"));
        return event;
    }
}
