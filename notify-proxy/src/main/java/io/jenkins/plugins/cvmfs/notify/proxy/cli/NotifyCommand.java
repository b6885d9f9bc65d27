package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Unmatched;

/**
 * Parses arguments like {@code cvmfs_swissknife notify}, which uses {@code getopt}: options may be clustered, the last of a repeated
 * option wins, and options of the other mode and operands are ignored. Then it runs {@code publish} or {@code subscribe}, whose long
 * options are accepted, too.
 */
@Command(
        name = "notify",
        synopsisHeading = "",
        customSynopsis = {
            "Usage: notify-proxy notify -p -u URL -r REPOSITORY [-v]",
            "       notify-proxy notify -s -u URL -t TOPIC [-m N] [-c] [-v] [-f]"
        },
        description = {
            "Takes the arguments of 'cvmfs_swissknife notify', for existing scripts: 'notify -p' is 'publish', 'notify -s' is"
                    + " 'subscribe --verify required'. Their long options are accepted, too."
        },
        footer = {
            "  notify-proxy notify -p -u http://notify.example.org:4930/api/v1 \\",
            "      -r http://stratum0.example.org/cvmfs/software.example.org",
            "  notify-proxy notify -s -u http://notify.example.org:4930/api/v1 \\",
            "      -t software.example.org -m 41"
        },
        exitCodeList = {
            "0:the server has accepted it; or there is a new revision",
            "1:the arguments are wrong, or with -s announcements cannot be verified",
            "6:the manifest could not be downloaded",
            "7:the manifest's file could not be opened",
            "8:the manifest's file could not be read, or is not a manifest",
            "9:the server did not accept it, or its URL is wrong"
        })
final class NotifyCommand extends RootCommand.Base {

    /** The text that {@code atoi} converts to a number. */
    private static final Pattern NUMBER = Pattern.compile("\\s*\\+?(\\d*).*", Pattern.DOTALL);

    @Option(names = "-p", description = "Publish.")
    private boolean publish;

    @Option(names = "-s", description = "Subscribe.")
    private boolean subscribe;

    @Option(
            names = {"-u", "--server"},
            paramLabel = "URL",
            description =
                    "Notification server. Default: the environment variable " + ServerOptions.SERVER_VARIABLE + ".")
    private @Nullable String server;

    @Option(
            names = {"-r", "--repository"},
            paramLabel = "REPOSITORY",
            description = "With -p: URL or folder of the repository.")
    private @Nullable String repository;

    @Option(
            names = {"-t", "--topic"},
            paramLabel = "TOPIC",
            description = "With -s: the repository's full name.")
    private @Nullable String topic;

    @Option(
            names = {"-m", "--after"},
            paramLabel = "N",
            description = "With -s: print only revisions greater than this. Default: 0.")
    private @Nullable String after;

    @Option(
            names = {"-c", "--continuous"},
            description = "With -s: continue after the first new revision.")
    private boolean continuous;

    @Option(
            names = {"-v", "--verbose"},
            description = "Print more.")
    private boolean verbose;

    @Option(
            names = "-f",
            description = {
                "With -s: accept announcements that this machine cannot verify because it has no master key or no client.conf for"
                        + " the repository. 'cvmfs_swissknife' has no such option."
            })
    private boolean force;

    @Unmatched
    private List<String> rest = new ArrayList<>();

    @Override
    public Integer call() {
        if (publish == subscribe) {
            throw wrong("give either -p or -s");
        }
        List<String> arguments = publish ? publishArguments() : subscribeArguments();
        return command(null).execute(arguments.toArray(String[]::new));
    }

    private List<String> publishArguments() {
        if (repository == null) {
            throw wrong("-p needs -r REPOSITORY");
        }
        List<String> arguments = new ArrayList<>(List.of("publish", "-r", repository));
        arguments.addAll(furtherOptions("publish"));
        requireRepository(repository);
        requireServer(repository);
        addCommon(arguments);
        return arguments;
    }

    private List<String> subscribeArguments() {
        if (topic == null) {
            throw wrong("-s needs -t TOPIC");
        }
        List<String> further = furtherOptions("subscribe");
        List<String> arguments = new ArrayList<>(List.of("subscribe", "-t", topic));
        if (further.stream().noneMatch(option -> option.matches("--verify(=.*)?"))) {
            arguments.add("--verify=" + (force ? VerifyOptions.Mode.IF_KEY_KNOWN : VerifyOptions.Mode.REQUIRED));
        }
        if (after != null) {
            arguments.addAll(List.of("-m", revision(after)));
        }
        if (continuous) {
            arguments.add("-c");
        }
        arguments.addAll(further);
        addCommon(arguments);
        return arguments;
    }

    private void addCommon(List<String> arguments) {
        if (server != null) {
            arguments.addAll(List.of("-u", server));
        }
        if (verbose) {
            arguments.add("-v");
        }
    }

    /** Returns the options of the real command, with their values; leaves operands out. */
    private List<String> furtherOptions(String command) {
        CommandSpec known = command(command).getCommandSpec();
        List<String> options = new ArrayList<>();
        int end = rest.size() - operandsAfterTheOptions();
        for (Iterator<String> left = rest.subList(0, end).iterator(); left.hasNext(); ) {
            String argument = left.next();
            if (argument.startsWith("--")) {
                options.add(argument);
                OptionSpec option = known.findOption(argument);
                if (option != null && option.arity().max() > 0 && left.hasNext()) {
                    options.add(left.next());
                }
            } else if (argument.startsWith("-") && argument.length() > 1) {
                throw wrong("unknown option: " + argument);
            }
        }
        return options;
    }

    /** Counts the arguments after {@code --}. */
    private int operandsAfterTheOptions() {
        List<String> all = spec.commandLine().getParseResult().originalArgs();
        int marker = all.indexOf("--");
        return marker < 0 ? 0 : all.size() - marker - 1;
    }

    private String revision(String text) {
        Matcher number = NUMBER.matcher(text);
        String digits = number.matches() ? number.group(1) : "";
        String taken = digits.isEmpty() ? "0" : digits;
        if (!text.equals(taken)) {
            notice("-m '%s' is not a revision; taken as %s".formatted(Excerpt.of(text), taken));
        }
        return taken;
    }

    /** An invalid repository gets the exit code of one that cannot be downloaded or opened. */
    private static RepositoryLocation requireRepository(String repository) {
        try {
            return RepositoryLocation.parse(repository);
        } catch (InvalidInputException e) {
            int exitCode = repository.matches("(?i)https?:.*") ? ExitCode.DOWNLOAD_FAILED : ExitCode.CANNOT_OPEN;
            throw new CommandFailure(exitCode, String.valueOf(e.getMessage()), ManifestInput.FILES, e);
        }
    }

    /** An invalid server gets the exit code of one that refuses; but the manifest is read first. */
    private void requireServer(String repository) {
        if (server == null) {
            return;
        }
        try {
            NotificationServer.parse(server);
        } catch (InvalidInputException e) {
            try (Network network = ServerOptions.openNetwork()) {
                ManifestInput.read(network.repositoryReader(), requireRepository(repository));
            }
            throw new CommandFailure(
                    ExitCode.PUBLISH_FAILED, "not announced: " + e.getMessage(), ServerOptions.NO_SERVICE, e);
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
