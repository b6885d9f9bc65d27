package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "manual",
        description = {
            "Prints the manual page of this program, or of one of its commands, in the format of man.",
            "The packages install the pages: 'man notify-proxy-wait'."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  notify-proxy manual wait | man -l -", "  notify-proxy manual --all ~/.local/share/man/man1"},
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:always", "1:the arguments are wrong"})
final class ManualCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(paramLabel = "COMMAND", arity = "0..1", description = "The command; without it, the whole program.")
    private @Nullable String command;

    @Option(names = "--all", paramLabel = "DIR", description = "Write all pages into this folder instead.")
    private @Nullable Path folder;

    @Option(names = "--gzip", description = "With '--all': compressed, as packages have them.")
    private boolean compressed;

    @Override
    public Integer call() throws IOException {
        CommandLine root = spec.root().commandLine();
        if (folder == null) {
            PrintWriter out = spec.commandLine().getOut();
            out.print(ManualPage.of(chosen(root)));
            out.flush();
            return ExitCode.OK;
        }
        Files.createDirectories(folder);
        write(root, folder);
        for (CommandLine each : root.getSubcommands().values()) {
            write(each, folder);
        }
        return ExitCode.OK;
    }

    private CommandLine chosen(CommandLine root) {
        return command == null
                ? root
                : Objects.requireNonNullElseGet(root.getSubcommands().get(command), () -> {
                    throw new ParameterException(spec.commandLine(), "there is no command '%s'".formatted(command));
                });
    }

    private void write(CommandLine command, Path folder) throws IOException {
        Path file = folder.resolve(ManualPage.name(command) + (compressed ? ".1.gz" : ".1"));
        try (OutputStream bytes = Files.newOutputStream(file);
                OutputStream out = compressed ? new GZIPOutputStream(bytes) : bytes) {
            out.write(ManualPage.of(command).getBytes(UTF_8));
        }
    }
}
