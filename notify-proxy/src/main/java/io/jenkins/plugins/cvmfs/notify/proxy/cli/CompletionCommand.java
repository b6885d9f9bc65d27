package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "completion",
        description = {
            "Prints a script that lets bash or zsh complete the commands and options of this program.",
            "The packages install it; with the jar alone, load it from the shell's start file."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  source <(notify-proxy completion)",
            "  notify-proxy completion > ~/.local/share/bash-completion/notify-proxy"
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:always"})
final class CompletionCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine()
                .getOut()
                .println(AutoComplete.bash("notify-proxy", spec.root().commandLine()));
        return ExitCode.OK;
    }
}
