package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;

/**
 * Where the log goes and what a line looks like, said in Java: to read it from XML would cost every short command a fifth of a second of
 * processor time. Logback finds it by its name in {@code META-INF/services}. A file that {@code -Dlogback.configurationFile} names is
 * taken instead, and so is the {@code logback-test.xml} of tests.
 */
public final class LogConfigurator extends ContextAwareBase implements Configurator {

    static final String APPENDER = "STDERR";

    /** One event, one line: what a stranger sent cannot forge another. */
    private static final String PATTERN =
            "%d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z', UTC} %-5level %logger{0} - %replace(%msg %kvp){'[\\r\\n]+', ' '}%n";

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (System.getProperty("logback.configurationFile") != null
                || LogConfigurator.class.getResource("/logback-test.xml") != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        // 'serve' sets the level from its configuration.
        root.setLevel(Level.WARN);
        root.addAppender(appender(context));
        // Says at each attempt to connect what the broker's report says once.
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
        appender.addFilter(new RepeatedLines());
        appender.start();
        return appender;
    }
}
