package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.proxy.admin.BuildInfo;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;

@Command(
        name = "version",
        description = "Prints the version, the commit it was built from, the commit's time, and the Java that runs it.",
        footer = {"  notify-proxy version", "  notify-proxy version --json | jq -r .commit"},
        exitCodeList = {"0:always"})
final class VersionCommand extends RootCommand.Base {

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        if (json) {
            out().println(Output.line(Output.object()
                    .put("version", BuildInfo.version())
                    .put("commit", BuildInfo.commit())
                    .put("commit_date", BuildInfo.commitDate())
                    .put("java", Runtime.version().toString())
                    .put("java_vendor", System.getProperty("java.vendor"))));
        } else {
            Stream.of(new Version().getVersion()).forEach(out()::println);
        }
        return ExitCode.OK;
    }

    /** The text of {@code --version}. */
    static final class Version implements IVersionProvider {

        private static String origin() {
            return BuildInfo.commit().equals(BuildInfo.UNKNOWN)
                    ? "commit unknown"
                    : "commit %s of %s".formatted(BuildInfo.commit(), BuildInfo.commitDate());
        }

        @Override
        public String[] getVersion() {
            return new String[] {
                "notify-proxy %s (%s)".formatted(BuildInfo.version(), origin()),
                "Java %s (%s)".formatted(Runtime.version(), System.getProperty("java.vendor"))
            };
        }
    }
}
