package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader.Assignment;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader.ConfigSources;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options by which {@code serve} and {@code check-config} find the configuration; the same for both. */
final class ConfigOptions {

    @Mixin
    private ConfigFileOptions fileOptions = new ConfigFileOptions();

    @Option(
            names = "--standalone",
            description =
                    "Run without RabbitMQ, on a journal. Listens on 127.0.0.1 unless --bind says otherwise, and reads no"
                            + " file but that of --config.")
    private boolean standalone;

    @Option(
            names = "--bind",
            paramLabel = "ADDR",
            description = "Address to listen on. Default: 0.0.0.0, with --standalone 127.0.0.1.")
    private @Nullable String bind;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "TCP port to listen on; 0 picks a free one. Default: 4930.")
    private @Nullable String port;

    @Option(
            names = "--state-dir",
            paramLabel = "DIR",
            description = "Folder of the journal. Without it, --standalone forgets everything when it stops.")
    private @Nullable String stateDir;

    @Option(
            names = "--log-level",
            paramLabel = "LEVEL",
            description = "trace, debug, info, warn or error. Default: info.")
    private @Nullable String logLevel;

    /** @throws InvalidInputException if a {@code --set} is not of the form KEY=VALUE */
    ConfigSources sources(Map<String, String> environment) {
        List<Assignment> options = new ArrayList<>();
        add(options, "--standalone", "standalone", standalone ? "true" : null);
        add(options, "--bind", "bind", bind);
        add(options, "--port", "port", port);
        add(options, "--state-dir", "state_dir", stateDir);
        add(options, "--log-level", "log_level", logLevel);
        return fileOptions.sources(environment, options, !standalone);
    }

    private static void add(List<Assignment> options, String name, String path, @Nullable String value) {
        if (value != null) {
            options.add(new Assignment(name, path, value));
        }
    }
}
