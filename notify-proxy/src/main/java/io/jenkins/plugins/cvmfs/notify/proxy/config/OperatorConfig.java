package io.jenkins.plugins.cvmfs.notify.proxy.config;

/**
 * Logs, metrics and the status page for operators.
 *
 * @param logFormat how a line of the log looks
 * @param pageAccess who may open the status page
 */
public record OperatorConfig(LogFormat logFormat, PageAccess pageAccess) {

    /** How a line of the log looks. */
    public enum LogFormat {
        /** For people. */
        TEXT,
        /** One JSON object, for log stores. */
        JSON
    }

    /** The clients that may open the status page. */
    public enum PageAccess {
        /** Everyone who reaches the port. */
        EVERYONE,
        /** Clients with a token, or other credentials, that the proxy knows. */
        TOKEN,
        /** No client: there is no page. */
        NOBODY
    }

    /** Returns the defaults: a log for people, and a page for everyone. */
    public static OperatorConfig defaults() {
        return from(ConfigValues.defaults());
    }

    static OperatorConfig from(ConfigValues values) {
        return new OperatorConfig(values.get(ConfigKey.LOG_FORMAT), values.get(ConfigKey.PAGE_ACCESS));
    }
}
