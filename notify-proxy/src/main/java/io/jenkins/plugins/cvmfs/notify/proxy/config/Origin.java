package io.jenkins.plugins.cvmfs.notify.proxy.config;

/**
 * Where a value of the configuration was given.
 *
 * @param layer the source; a later one wins
 * @param place for messages, such as {@code file /etc/cvmfs/notify/config.json, line 4}
 */
public record Origin(Layer layer, String place) {

    /** The sources, each one stronger than those before it. */
    public enum Layer {
        DEFAULT,
        FILE,
        ENVIRONMENT,
        COMMAND_LINE
    }

    static final Origin BUILT_IN = new Origin(Layer.DEFAULT, "default");

    @Override
    public String toString() {
        return place;
    }
}
