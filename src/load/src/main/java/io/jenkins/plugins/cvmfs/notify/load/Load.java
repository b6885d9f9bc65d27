package io.jenkins.plugins.cvmfs.notify.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.load.generator.GeneratorProcess;
import io.jenkins.plugins.cvmfs.notify.load.server.BareLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command line of the benchmark, and of the processes that it starts. */
@Command(
        name = "load",
        description = "Measures the proxy beside other servers.",
        mixinStandardHelpOptions = true,
        subcommands = RunCommand.class)
public final class Load {

    private Load() {}

    public static void main(String[] arguments) {
        // Numbers look the same on every machine.
        Locale.setDefault(Locale.ROOT);
        // Nothing is logged.
        System.setProperty("slf4j.internal.verbosity", "ERROR");
        System.exit(new CommandLine(new Load())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments));
    }

    @Command(name = "report", description = "Writes results.md from samples.")
    void report(
            @Option(names = "--samples", defaultValue = "samples.jsonl", description = "Default: ${DEFAULT-VALUE}.")
                    Path samples)
            throws IOException {
        String text = "# Results\n" + Goals.markdown(new Results(new Sample.Log(samples).read()));
        Files.writeString(Path.of("results.md"), text, UTF_8);
    }

    @Command(name = "generator", hidden = true, description = "Loads a server as its standard input orders.")
    void generator() throws IOException {
        new GeneratorProcess().run();
    }

    @Command(name = "bare-loop", hidden = true, description = "Serves on a free port, which it prints.")
    void bareLoop() throws IOException {
        BareLoop loop = new BareLoop();
        System.out.println(loop.port());
        loop.run();
    }
}
