package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/** From which level on this program logs. The libraries it uses stay at warn, or above it if that is wanted. */
final class LogLevel {

    private static final String OURS = "io.jenkins.plugins.cvmfs.notify";

    private LogLevel() {}

    /** For the whole process, from now on. */
    static void set(org.slf4j.event.Level level) {
        Level wanted = Level.convertAnSLF4JLevel(level);
        logger(OURS).setLevel(wanted);
        logger(Logger.ROOT_LOGGER_NAME).setLevel(wanted.isGreaterOrEqual(Level.WARN) ? wanted : Level.WARN);
    }

    private static Logger logger(String name) {
        return (Logger) LoggerFactory.getLogger(name);
    }
}
