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
import picocli.CommandLine.Option;

/** Where the configuration stands, and single keys of it; the same for every command that reads one. */
final class ConfigFileOptions {

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = {
                "Configuration file, JSON; the original cvmfs-notify's works unchanged.",
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
     * @param options what other options of the command set
     * @param orDefault whether to look for a file where none is named
     * @throws InvalidInputException if a {@code --set} is not of the form KEY=VALUE
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
            throw new InvalidInputException("--set %s is not of the form KEY=VALUE".formatted(setting));
        }
        String path = setting.substring(0, equals);
        return new Assignment("--set " + path, path, setting.substring(equals + 1));
    }
}
