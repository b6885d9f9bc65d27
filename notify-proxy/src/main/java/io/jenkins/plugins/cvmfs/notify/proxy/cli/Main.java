package io.jenkins.plugins.cvmfs.notify.proxy.cli;

/** Where the jar starts. */
public final class Main {

    private Main() {}

    /** Runs the command that the arguments name and exits with its code. */
    public static void main(String[] args) {
        System.exit(RootCommand.commandLine(System.getenv()).execute(args));
    }
}
