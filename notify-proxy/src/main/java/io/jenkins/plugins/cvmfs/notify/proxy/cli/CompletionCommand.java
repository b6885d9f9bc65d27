package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;

@Command(
        name = "completion",
        description = {
            "Prints a script that lets bash or zsh complete the commands and options of this program.",
            "The packages install it; with the jar alone, source it in the shell's start file."
        },
        footer = {
            "  source <(notify-proxy completion)",
            "  notify-proxy completion > ~/.local/share/bash-completion/notify-proxy"
        },
        exitCodeList = {"0:always"})
final class CompletionCommand extends RootCommand.Base {

    @Override
    public Integer call() {
        out().println(AutoComplete.bash("notify-proxy", spec.root().commandLine()));
        return ExitCode.OK;
    }
}
