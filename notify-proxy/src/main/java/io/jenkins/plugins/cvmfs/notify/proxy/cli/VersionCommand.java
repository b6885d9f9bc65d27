package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "version",
        description = "Prints the versions of this program and of the Java that runs it.",
        footerHeading = "%nExamples:%n",
        footer = {"  notify-proxy version"},
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:always"})
final class VersionCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine()
                .getOut()
                .printf(
                        "notify-proxy %s%nJava %s (%s)%n",
                        Version.number(), Runtime.version(), System.getProperty("java.vendor"));
        return ExitCode.OK;
    }
}
