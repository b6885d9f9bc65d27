package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader.Assignment;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader.ConfigSources;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of {@code serve} and {@code check-config} for the configuration. */
final class ConfigOptions {

    @Mixin
    private FileOptions fileOptions = new FileOptions();

    @Option(
            names = "--standalone",
            description =
                    "Run without RabbitMQ, on a journal. Listens on 127.0.0.1 unless --bind says otherwise, and reads no"
                            + " file but that of --config.")
    private boolean standalone;

    @Option(
            names = "--upstream",
            paramLabel = "URL",
            description =
                    "Run as a relay of this notification server, without RabbitMQ. Reads no file but that of --config.")
    private @Nullable String upstream;

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
            description =
                    "Folder of the journal. Without it, --standalone and --upstream forget everything when they stop.")
    private @Nullable String stateDir;

    @Option(
            names = "--log-level",
            paramLabel = "LEVEL",
            description = "trace, debug, info, warn or error. Default: info.")
    private @Nullable String logLevel;

    /** @throws InvalidInputException if a {@code --set} is not KEY=VALUE */
    ConfigSources sources(Map<String, String> environment) {
        List<Assignment> options = new ArrayList<>();
        add(options, "--standalone", "standalone", standalone ? "true" : null);
        add(options, "--upstream", "upstream.url", upstream);
        add(options, "--bind", "bind", bind);
        add(options, "--port", "port", port);
        add(options, "--state-dir", "state_dir", stateDir);
        add(options, "--log-level", "log_level", logLevel);
        return fileOptions.sources(environment, options, !standalone && upstream == null);
    }

    private static void add(List<Assignment> options, String name, String path, @Nullable String value) {
        if (value != null) {
            options.add(new Assignment(name, path, value));
        }
    }

    /** The configuration file and single keys; the same for every command that reads the configuration. */
    static final class FileOptions {

        @Option(
                names = "--config",
                paramLabel = "FILE",
                description = {
                    "Configuration file, JSON; that of the original cvmfs-notify works unchanged.",
                    "Default: " + ConfigLoader.DEFAULT_FILE + " if it exists."
                })
        private @Nullable Path file;

        @Option(
                names = "--set",
                paramLabel = "KEY=VALUE",
                description =
                        "Set any other key of the configuration, for example --set limits.idle_timeout=5m. Repeatable.")
        private List<String> settings = new ArrayList<>();

        /**
         * @param options the keys set by other options of the command
         * @param orDefault whether to look for the default file if none is named
         * @throws InvalidInputException if a {@code --set} is not KEY=VALUE
         */
        ConfigSources sources(Map<String, String> environment, List<Assignment> options, boolean orDefault) {
            List<Assignment> all = new ArrayList<>(options);
            settings.forEach(setting -> all.add(setting(setting)));
            return new ConfigSources(file(orDefault), environment, all);
        }

        private Optional<Path> file(boolean orDefault) {
            if (file != null) {
                return Optional.of(file);
            }
            Path byDefault = Path.of(ConfigLoader.DEFAULT_FILE);
            return orDefault && Files.exists(byDefault) ? Optional.of(byDefault) : Optional.empty();
        }

        private static Assignment setting(String setting) {
            int equals = setting.indexOf('=');
            if (equals < 1) {
                throw new InvalidInputException("--set %s is not KEY=VALUE".formatted(setting));
            }
            String path = setting.substring(0, equals);
            return new Assignment("--set " + path, path, setting.substring(equals + 1));
        }
    }
}
