package io.jenkins.plugins.cvmfs.notify.proxy.config;

/**
 * One thing that is wrong with the configuration.
 *
 * @param path which key, such as {@code amqp.port}; empty if the file as a whole is meant
 * @param message what is wrong with it, beginning with the value if there is one
 * @param origin where to correct it
 */
public record ConfigProblem(String path, String message, Origin origin) {

    @Override
    public String toString() {
        return (path.isEmpty() ? "" : path + ": ") + message + " (" + origin + ")";
    }
}
