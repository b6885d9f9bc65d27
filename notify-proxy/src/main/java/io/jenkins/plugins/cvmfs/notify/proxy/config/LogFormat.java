package io.jenkins.plugins.cvmfs.notify.proxy.config;

/** How a line of the log looks. */
public enum LogFormat {
    /** For people. */
    TEXT,
    /** One JSON object, for log stores. */
    JSON
}
