package io.jenkins.plugins.cvmfs.notify.load;

import io.jenkins.plugins.cvmfs.notify.load.generator.GeneratorProcess;
import io.jenkins.plugins.cvmfs.notify.load.server.BareLoop;
import io.jenkins.plugins.cvmfs.notify.load.waiting.GatesProcess;
import java.io.IOException;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line: one command for each scenario, and those that a scenario runs as processes of their own. */
@Command(
        name = "load",
        description = "Measures the proxy beside other servers.",
        mixinStandardHelpOptions = true,
        subcommands = {ReportCommand.class, AllCommand.class})
public final class Main extends ScenarioCommands {

    private Main() {}

    public static void main(String[] arguments) {
        // Numbers look the same wherever they are measured.
        Locale.setDefault(Locale.ROOT);
        // There is nothing to log.
        System.setProperty("slf4j.internal.verbosity", "ERROR");
        System.exit(new CommandLine(new Main())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments));
    }

    @Command(name = "generator", hidden = true, description = "Loads a server; told how on its standard input.")
    void generator() throws IOException {
        new GeneratorProcess().run();
    }

    @Command(name = "gates-process", hidden = true, description = "Waits; told for what on its standard input.")
    void gatesProcess() throws IOException, InterruptedException {
        new GatesProcess().run();
    }

    @Command(name = "bare-loop", hidden = true, description = "Serves on a free port, which it prints.")
    void bareLoop() throws IOException {
        BareLoop loop = new BareLoop();
        System.out.println(loop.port());
        loop.run();
    }
}
