package io.jenkins.plugins.cvmfs.notify.proxy.abuse;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/**
 * Exceptions that a class caught and wrote to its log, where a test would not see them. The test closes it, and asks before whether
 * there were any.
 */
public final class CaughtFailures extends AppenderBase<ILoggingEvent> implements AutoCloseable {

    private final List<Logger> loggers;
    private final List<Throwable> all = Collections.synchronizedList(new ArrayList<>());

    private CaughtFailures(List<Logger> loggers) {
        this.loggers = loggers;
    }

    /** Watches the logs of these classes, at every level. */
    public static CaughtFailures of(Class<?>... classes) {
        List<Logger> loggers = Stream.of(classes)
                .map(type -> (Logger) LoggerFactory.getLogger(type))
                .toList();
        CaughtFailures failures = new CaughtFailures(loggers);
        failures.start();
        loggers.forEach(logger -> {
            logger.setLevel(Level.DEBUG);
            logger.setAdditive(false);
            logger.addAppender(failures);
        });
        return failures;
    }

    @Override
    protected void append(ILoggingEvent event) {
        if (event.getThrowableProxy() instanceof ThrowableProxy logged) {
            all.add(logged.getThrowable());
        }
    }

    /** What was caught so far. */
    public List<Throwable> all() {
        return List.copyOf(all);
    }

    @Override
    public void close() {
        loggers.forEach(logger -> {
            logger.detachAppender(this);
            logger.setAdditive(true);
            logger.setLevel(null);
        });
        stop();
    }
}
