package io.jenkins.plugins.cvmfs.notify.proxy.config;

/**
 * What the proxy shows to those who run it.
 *
 * @param logFormat how a line of the log looks
 * @param pageAccess who may look at the status page
 */
public record OperatorConfig(LogFormat logFormat, PageAccess pageAccess) {

    /** Lines for people, and a page for everyone. */
    public static OperatorConfig defaults() {
        return from(new Layers());
    }

    static OperatorConfig from(Layers layers) {
        return new OperatorConfig(layers.get(ConfigKeys.LOG_FORMAT), layers.get(ConfigKeys.PAGE_ACCESS));
    }
}
