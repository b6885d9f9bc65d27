package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.LogFormat;
import org.slf4j.LoggerFactory;

/** In which form this program logs to standard error. */
final class LogOutput {

    private LogOutput() {}

    /** For the whole process, from now on. Lines for people are what there is without it. */
    static void use(LogFormat format) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        if (format == LogFormat.JSON
                && root.getAppender(LogConfigurator.APPENDER) instanceof ConsoleAppender<ILoggingEvent> console) {
            JsonLogEncoder encoder = new JsonLogEncoder();
            encoder.setContext(context);
            encoder.start();
            console.setEncoder(encoder);
        }
    }
}
