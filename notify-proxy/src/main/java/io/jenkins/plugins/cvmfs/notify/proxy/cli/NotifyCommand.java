package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

@Command(
        name = "notify",
        synopsisHeading = "",
        customSynopsis = {
            "Usage: notify-proxy notify -p -u URL -r REPOSITORY [-v]",
            "       notify-proxy notify -s -u URL -t TOPIC [-m N] [-c] [-v]"
        },
        description = {
            "Takes the arguments of 'cvmfs_swissknife notify', for scripts that have them: 'notify -p' is 'publish', 'notify -s'"
                    + " is 'subscribe'. See these for everything else."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  notify-proxy notify -p -u http://notify.example.org:4930/api/v1 \\",
            "      -r http://stratum0.example.org/cvmfs/software.example.org",
            "  notify-proxy notify -s -u http://notify.example.org:4930/api/v1 \\",
            "      -t software.example.org -m 41"
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"as of 'publish' and 'subscribe':"})
final class NotifyCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "-p", description = "Publish.")
    private boolean publish;

    @Option(names = "-s", description = "Subscribe.")
    private boolean subscribe;

    @Unmatched
    private List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() {
        if (publish == subscribe) {
            throw new ParameterException(spec.commandLine(), "say either -p or -s");
        }
        List<String> delegated = new ArrayList<>(arguments);
        delegated.add(0, publish ? "publish" : "subscribe");
        CommandLine root = spec.root().commandLine();
        return root.execute(delegated.toArray(String[]::new));
    }
}
