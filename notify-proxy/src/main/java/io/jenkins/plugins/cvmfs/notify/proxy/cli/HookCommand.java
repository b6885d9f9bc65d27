package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.FileProblem;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DurationText;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.CodeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "hook",
        description = {
            "Has 'cvmfs_server' announce what it has published: adds the function publish_after_hook to the file of its hooks,"
                    + " or removes it.",
            "",
            "'install' prints what it writes, replaces what it has written before, and leaves everything else in the file as"
                    + " it is. A publish never fails because its announcement does."
        },
        footer = {
            "  notify-proxy hook install -u http://notify.example.org:4930/api/v1 \\",
            "      --token-file /etc/cvmfs/notify.token",
            "  notify-proxy hook uninstall"
        },
        exitCodeList = {
            "0:the file is as it should be",
            "1:the arguments are wrong, the file cannot be written, or it has another publish_after_hook"
        })
final class HookCommand extends RootCommand.Base {

    private static final String BEGIN =
            "# cvmfs-notify: begin, written by 'notify-proxy hook install'; 'notify-proxy hook uninstall' removes it";
    private static final String END = "# cvmfs-notify: end";

    private static final Pattern BLOCK =
            Pattern.compile("(?ms)^%s$.*?^%s$\\n?".formatted(Pattern.quote(BEGIN), Pattern.quote(END)));

    /** A function in the form of POSIX, or in that of bash. */
    private static final Pattern FUNCTION =
            Pattern.compile("(?m)^[ \\t]*(?:function[ \\t]+publish_after_hook\\b|publish_after_hook[ \\t]*\\()");

    /** The program that the packages install. */
    private static final Path INSTALLED = Path.of("/usr/share/cvmfs-notify/notify-proxy.jar");

    private static final Set<PosixFilePermission> READABLE = PosixFilePermissions.fromString("rw-r--r--");

    /** The first word of the command line. */
    enum Action {
        INSTALL,
        UNINSTALL
    }

    @Parameters(paramLabel = "ACTION", description = "install or uninstall.")
    @SuppressWarnings("NullAway.Init") // picocli sets it: it is required
    private Action action;

    @Mixin
    private ServerOptions options = new ServerOptions();

    @Option(
            names = "--gateway-key",
            paramLabel = "FILE",
            description = "Sign with this key of the repository gateway instead of sending a token.")
    private @Nullable Path gatewayKey;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description = "How long a publish waits for the notification server at most. Default: 20s.")
    private Duration timeout = Duration.ofSeconds(20);

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "The file of the hooks. Default: /etc/cvmfs/cvmfs_server_hooks.sh.")
    private Path file = Path.of("/etc/cvmfs/cvmfs_server_hooks.sh");

    @Option(names = "--dry-run", description = "Print what would be written.")
    private boolean dryRun;

    @Override
    public Integer call() {
        Optional<String> before = read();
        String others = others(before.orElse(""));
        if (action == Action.UNINSTALL) {
            return uninstall(before.orElse(""), others);
        }
        String function = function();
        if (FUNCTION.matcher(others).find()) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "%s has a function publish_after_hook already, which is left as it is".formatted(file),
                    "Add this to it:\n" + announcement(),
                    null);
        }
        String after = (others.isEmpty() || others.endsWith("\n") ? others : others + "\n") + function;
        boolean isNew = !before.equals(Optional.of(after));
        if (isNew && !dryRun) {
            write(after);
        }
        out().println("# %s %s".formatted(file, !isNew ? "is unchanged" : dryRun ? "would get" : "has got"));
        out().print(function);
        out().flush();
        return ExitCode.OK;
    }

    private int uninstall(String before, String others) {
        if (before.equals(others)) {
            out().println("# %s has nothing to remove".formatted(file));
            return ExitCode.OK;
        }
        if (!dryRun && others.isBlank()) {
            delete();
        } else if (!dryRun) {
            write(others);
        }
        out().println("# %s %s"
                .formatted(
                        others.isBlank() ? file + ", which has nothing else," : "the function in " + file,
                        dryRun ? "would be removed" : "is removed"));
        return ExitCode.OK;
    }

    /** Returns the file without what this command has written. */
    private String others(String text) {
        Matcher block = BLOCK.matcher(text);
        String others = block.replaceAll("");
        if (others.contains(BEGIN) || others.contains(END)) {
            throw new InvalidInputException(
                    "%s has only a part of what this command writes; remove the lines with 'cvmfs-notify:' and what is between them"
                            .formatted(file));
        }
        return others;
    }

    private String function() {
        return """
                %s
                publish_after_hook() {
                %s
                }
                %s
                """.formatted(BEGIN, announcement(), END);
    }

    /** cvmfs_server stops at a command that fails, so that this must not; and its own input is not for the program. */
    private String announcement() {
        List<String> command = new ArrayList<>(program());
        command.addAll(
                List.of("publish", "--server", options.server(environment).toString()));
        options.tokenFile()
                .ifPresent(token -> command.addAll(
                        List.of("--token-file", token.toAbsolutePath().toString())));
        if (gatewayKey != null) {
            command.addAll(List.of("--gateway-key", gatewayKey.toAbsolutePath().toString()));
        }
        command.addAll(List.of("--timeout", DurationText.of(timeout)));
        StringBuilder words = new StringBuilder();
        command.forEach(word -> words.append(quoted(word)).append(' '));
        return """
                    %s\\
                        --repository "$CVMFS_STRATUM0" </dev/null ||
                        echo "The new revision of $1 is published, but it was not announced" >&2 || :
                """.formatted(words).stripTrailing();
    }

    /** Returns the installed program, or the jar that runs now. */
    private static List<String> program() {
        CodeSource source = HookCommand.class.getProtectionDomain().getCodeSource();
        try {
            Path jar = source == null ? INSTALLED : Path.of(source.getLocation().toURI());
            String java = ProcessHandle.current().info().command().orElse("java");
            return jar.equals(INSTALLED) || !Files.isRegularFile(jar)
                    ? List.of("notify-proxy")
                    : List.of(java, "-jar", jar.toString());
        } catch (URISyntaxException e) {
            return List.of("notify-proxy");
        }
    }

    private static String quoted(String word) {
        return word.matches("[A-Za-z0-9_@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    private Optional<String> read() {
        try {
            return Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
        } catch (IOException e) {
            throw cannot("read", e);
        }
    }

    /** Never leaves a file that is written in part: every publish reads it. A link stays one. */
    private void write(String text) {
        try {
            Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
            Path folder = target.getParent();
            Path next = Files.createTempFile(folder, ".cvmfs_server_hooks", null);
            try {
                Files.writeString(next, text);
                boolean exists = Files.exists(target);
                Files.setPosixFilePermissions(next, exists ? Files.getPosixFilePermissions(target) : READABLE);
                if (exists) {
                    Files.setOwner(next, Files.getOwner(target));
                }
                Files.move(next, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(next);
            }
        } catch (IOException e) {
            throw cannot("write", e);
        }
    }

    private void delete() {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw cannot("remove", e);
        }
    }

    private CommandFailure cannot(String what, IOException cause) {
        return new CommandFailure(
                ExitCode.USAGE,
                "cannot %s %s: %s".formatted(what, file, FileProblem.reason(cause)),
                "Is this user root, and does the folder exist?",
                cause);
    }
}
