package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.EncoderBase;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.ContextAwareBase;
import ch.qos.logback.core.spi.FilterReply;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.LogFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

/**
 * Configures Logback in Java: parsing XML would cost every short command a fifth of a second of CPU time. Logback finds this class
 * through {@code META-INF/services}. {@code -Dlogback.configurationFile} and the {@code logback-test.xml} of tests take precedence.
 */
public final class Logging extends ContextAwareBase implements Configurator {

    private static final String OURS = "io.jenkins.plugins.cvmfs.notify";
    private static final String APPENDER = "STDERR";

    /** Its lines record who did what, and are never left out. */
    private static final String AUDIT = OURS + ".audit";

    /** One event, one line: a line break in a client's data cannot forge another. */
    private static final String PATTERN =
            "%d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z', UTC} %-5level %logger{0} - %replace(%msg %kvp){'[\\r\\n]+', ' '}%n";

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (System.getProperty("logback.configurationFile") != null
                || Logging.class.getResource("/logback-test.xml") != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        // 'serve' sets the level from its configuration.
        root.setLevel(Level.WARN);
        root.addAppender(appender(context));
        // Logs at each attempt to connect what the broker's report logs once.
        context.getLogger("com.rabbitmq.client.impl.SocketFrameHandler").setLevel(Level.OFF);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    static ConsoleAppender<ILoggingEvent> appender(LoggerContext context) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(PATTERN);
        encoder.start();
        // Standard output belongs to the commands: scripts read it.
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setName(APPENDER);
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.addFilter(new RepetitionLimit(System::nanoTime));
        appender.start();
        return appender;
    }

    /** Sets the level of this program for the whole process. The libraries stay at WARN, or at the level if it is higher. */
    static void setLevel(org.slf4j.event.Level level) {
        Level wanted = Level.convertAnSLF4JLevel(level);
        context().getLogger(OURS).setLevel(wanted);
        root().setLevel(wanted.isGreaterOrEqual(Level.WARN) ? wanted : Level.WARN);
    }

    /** Sets the format for the whole process; the default is text. */
    static void setFormat(LogFormat format) {
        if (format == LogFormat.JSON
                && root().getAppender(APPENDER) instanceof ConsoleAppender<ILoggingEvent> console) {
            JsonEncoder encoder = new JsonEncoder();
            encoder.setContext(context());
            encoder.start();
            console.setEncoder(encoder);
        }
    }

    private static Logger root() {
        return context().getLogger(Logger.ROOT_LOGGER_NAME);
    }

    private static LoggerContext context() {
        return (LoggerContext) LoggerFactory.getILoggerFactory();
    }

    /**
     * Encodes each event as one line of JSON. Logback's own encoder nests the key-value pairs in a list of objects, which log stores
     * cannot search.
     */
    static final class JsonEncoder extends EncoderBase<ILoggingEvent> {

        private static final byte[] NOTHING = {};

        @Override
        public byte[] headerBytes() {
            return NOTHING;
        }

        @Override
        public byte[] footerBytes() {
            return NOTHING;
        }

        @Override
        public byte[] encode(ILoggingEvent event) {
            ObjectNode line = Output.object()
                    .put("time", event.getInstant().toString())
                    .put("level", event.getLevel().toString())
                    .put("logger", event.getLoggerName())
                    .put("thread", event.getThreadName())
                    .put("message", event.getFormattedMessage());
            List<KeyValuePair> pairs = Objects.requireNonNullElse(event.getKeyValuePairs(), List.of());
            if (!pairs.isEmpty()) {
                ObjectNode data = line.putObject("data");
                pairs.forEach(pair -> put(data, pair));
            }
            if (event.getThrowableProxy() != null) {
                line.put("exception", ThrowableProxyUtil.asString(event.getThrowableProxy()));
            }
            return (line + "\n").getBytes(UTF_8);
        }

        private static void put(ObjectNode data, KeyValuePair pair) {
            if (pair.value instanceof Integer || pair.value instanceof Long) {
                data.put(pair.key, ((Number) pair.value).longValue());
            } else if (pair.value instanceof Boolean flag) {
                data.put(pair.key, flag);
            } else {
                data.put(pair.key, String.valueOf(pair.value));
            }
        }
    }

    /**
     * Keeps clients from filling the log: allows each text of a logger ten times at once, and once a second on average. The next
     * allowed line has the number of suppressed ones. Texts are constants in this program; variable data is in key-value pairs. Lines
     * below INFO and those of the audit are not limited. Thread-safe.
     */
    static final class RepetitionLimit extends Filter<ILoggingEvent> {

        static final String SUPPRESSED = "suppressed";
        static final int MAX_TEXTS = 1_000;

        private record Text(String logger, String message) {}

        private final LongSupplier nanoTime;
        private final Map<Text, Allowance> allowances = new LinkedHashMap<>(64, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Text, Allowance> eldest) {
                return size() > MAX_TEXTS;
            }
        };

        /** @param nanoTime a monotonic clock */
        RepetitionLimit(LongSupplier nanoTime) {
            this.nanoTime = nanoTime;
        }

        @Override
        public FilterReply decide(ILoggingEvent event) {
            if (!event.getLevel().isGreaterOrEqual(Level.INFO)
                    || event.getLoggerName().equals(AUDIT)) {
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

    /** The remaining allowance of one kind of message: ten at once, and one a second on average. Not thread-safe. */
    static final class Allowance {

        static final int AT_ONCE = 10;

        private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

        private long usedUntilNanos;
        private long suppressed;

        Allowance(long nowNanos) {
            usedUntilNanos = nowNanos;
        }

        /** Returns the number of messages suppressed since the last allowed one; -1 if this one is suppressed, too. */
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
}
