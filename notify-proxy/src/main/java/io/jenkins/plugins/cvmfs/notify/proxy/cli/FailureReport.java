package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Tells the user what went wrong and what to do next: expected failures in a few lines, faults of the program with their stack trace. */
final class FailureReport implements IExecutionExceptionHandler, IParameterExceptionHandler {

    @Override
    public int handleParseException(ParameterException failure, String[] args) {
        CommandLine command = failure.getCommandLine();
        PrintWriter err = command.getErr();
        print(err, String.valueOf(failure.getMessage()));
        UnmatchedArgumentException.printSuggestions(failure, err);
        suggestHelp(command);
        return ExitCode.USAGE;
    }

    private static void suggestHelp(CommandLine command) {
        command.getErr().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    }

    @Override
    public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
        PrintWriter err = command.getErr();
        if (failure instanceof CommandFailure expected) {
            print(err, String.valueOf(expected.getMessage()));
            print(err, expected.next());
            return expected.exitCode();
        } else if (failure instanceof NotifyException expected) {
            print(err, String.valueOf(expected.getMessage()));
            suggestHelp(command);
            return expected instanceof InvalidInputException ? ExitCode.USAGE : ExitCode.FAILED;
        }
        print(err, "this is a fault in the program; please report it with what follows");
        failure.printStackTrace(err);
        return ExitCode.FAILED;
    }

    private static void print(PrintWriter err, String message) {
        List<String> lines = message.lines().toList();
        lines.forEach(line -> err.println("notify-proxy: " + line));
        err.flush();
    }
}
