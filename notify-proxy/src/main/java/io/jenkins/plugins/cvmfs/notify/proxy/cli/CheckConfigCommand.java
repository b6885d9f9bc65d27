package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LoadedConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LoadedConfig.EffectiveSetting;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "check-config",
        description = {
            "Prints the configuration that 'serve' would use, and the source of each value. Secrets are hidden.",
            "Takes the options of 'serve'. Reports all errors at once."
        },
        footer = {
            "  notify-proxy check-config --config /etc/cvmfs/notify/config.json",
            "  notify-proxy check-config --changed",
            "  notify-proxy check-config --json | jq '.[\"amqp.url\"]'",
            "  notify-proxy check-config --schema > config.schema.json"
        },
        exitCodeList = {"0:the configuration is valid", "1:it is not, or the arguments are wrong"})
final class CheckConfigCommand extends RootCommand.Base {

    @Mixin
    private ConfigOptions options = new ConfigOptions();

    @Option(names = "--json", description = "Print one JSON object: each key with its value and origin.")
    private boolean json;

    @Option(names = "--changed", description = "Print only what is given in a file, the environment or an option.")
    private boolean changed;

    @Option(names = "--schema", description = "Print the JSON Schema of the configuration file instead.")
    private boolean schema;

    @Override
    public Integer call() {
        if (schema) {
            out().print(ConfigLoader.schema());
            out().flush();
            return ExitCode.OK;
        }
        LoadedConfig loaded = ConfigLoader.load(options.sources(environment));
        loaded.warnings().forEach(warning -> err().println("warning: " + warning));
        String level = loaded.publishing().isOpen() ? "warning: " : "";
        err().println("%swho may publish: %s"
                .formatted(level, loaded.publishing().text()));
        List<EffectiveSetting> shown = loaded.settings().stream()
                .filter(setting -> !changed || setting.isGiven())
                .toList();
        if (json) {
            out().println(json(shown).toPrettyString());
        } else {
            shown.forEach(setting -> out().println(line(setting)));
        }
        return ExitCode.OK;
    }

    private static String line(EffectiveSetting setting) {
        String value = String.valueOf(setting.shown());
        return "%-40s %-30s (%s)".formatted(setting.path(), value.isEmpty() ? "-" : value, setting.origin());
    }

    private static ObjectNode json(List<EffectiveSetting> settings) {
        ObjectNode all = Output.object();
        settings.forEach(setting -> all.putObject(setting.path())
                .putPOJO("value", setting.shown())
                .put("origin", setting.origin().toString()));
        return all;
    }
}
