package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "version",
        description =
                "Prints which build this is: its version, the commit it was made from, when that was made, and the Java that runs it.",
        footerHeading = "%nExamples:%n",
        footer = {"  notify-proxy version", "  notify-proxy version --json | jq -r .commit"},
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:always"})
final class VersionCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(JsonLine.of(JsonLine.object()
                    .put("version", Version.number())
                    .put("commit", Version.commit())
                    .put("commit_date", Version.commitDate())
                    .put("java", Runtime.version().toString())
                    .put("java_vendor", System.getProperty("java.vendor"))));
        } else {
            Stream.of(new Version().getVersion()).forEach(out::println);
        }
        return ExitCode.OK;
    }
}
