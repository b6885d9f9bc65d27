package io.jenkins.plugins.cvmfs.notify.proxy.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where a configuration is to be read from, each stronger than the one before.
 *
 * @param file the file; empty means none
 * @param environment the environment; only names that begin with {@code CVMFS_NOTIFY_} are looked at
 * @param commandLine what the command line says
 */
public record ConfigSources(Optional<Path> file, Map<String, String> environment, List<Assignment> commandLine) {

    /** Where packages of the original service put the file, and where it is looked for if none is named. */
    public static final String DEFAULT_FILE = "/etc/cvmfs/notify/config.json";

    /**
     * One value from the command line.
     *
     * @param name the option as it was written, such as {@code --port}
     * @param path the key that it sets
     * @param value its text
     */
    public record Assignment(String name, String path, String value) {}

    public ConfigSources {
        environment = Map.copyOf(environment);
        commandLine = List.copyOf(commandLine);
    }
}
