package io.jenkins.plugins.cvmfs.notify.proxy.config;

/**
 * Where a value of the configuration was given.
 *
 * @param layer the source; a later one wins
 * @param place what to tell a user who has to change it, such as {@code file /etc/cvmfs/notify/config.json, line 4}
 */
public record Origin(Layer layer, String place) {

    /** The sources, each one stronger than those before it. */
    public enum Layer {
        /** Built in. */
        DEFAULT,
        /** The configuration file. */
        FILE,
        /** The environment of the process. */
        ENVIRONMENT,
        /** The command line. */
        COMMAND_LINE
    }

    static final Origin BUILT_IN = new Origin(Layer.DEFAULT, "default");

    boolean isWeakerThan(Origin other) {
        return layer.compareTo(other.layer) < 0;
    }

    @Override
    public String toString() {
        return place;
    }
}
