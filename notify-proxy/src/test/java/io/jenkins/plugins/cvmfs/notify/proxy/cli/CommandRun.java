package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import picocli.CommandLine;

/** One run of the command line in this JVM, and what came of it. */
record CommandRun(int exitCode, String out, String err) {

    static CommandRun of(String... args) {
        return with(Map.of(), args);
    }

    static CommandRun with(Map<String, String> environment, String... args) {
        return watched(new StringWriter(), environment, args);
    }

    /** The same; what goes to standard error can be read while it runs. */
    static CommandRun watched(StringWriter err, Map<String, String> environment, String... args) {
        StringWriter out = new StringWriter();
        CommandLine commandLine = RootCommand.commandLineFor(environment, args)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
        int exitCode = commandLine.execute(args);
        return new CommandRun(exitCode, out.toString(), err.toString());
    }
}
