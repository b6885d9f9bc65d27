package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.proxy.demo.Demo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "demo",
        description = {
            "Shows the main job on this machine alone: a repository is published, who subscribed hears of it, one of two replicas"
                    + " is late, and the wait ends when both have the revision.",
            "",
            "Everything it starts listens on free ports of the loopback and ends with it."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  notify-proxy demo", "  notify-proxy demo --keep demo"},
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it went as it should",
            "3:something did not happen within a minute",
            "4:the folder or a port of the loopback cannot be used"
        })
final class DemoCommand implements Callable<Integer> {

    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(5);

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = "--keep",
            paramLabel = "DIR",
            description = {
                "Make the repository in this folder and leave it there, to play with: 'stratum0', 'site-a', 'site-b' and the"
                        + " master key 'sw.example.org.pub'. Default: a temporary folder that is removed."
            })
    private @Nullable Path keep;

    @Override
    public Integer call() throws InterruptedException, ExecutionException {
        LogLevel.set(Level.WARN);
        try {
            return keep == null ? inTemporaryFolder() : in(Files.createDirectories(keep));
        } catch (TimeoutException e) {
            throw new CommandFailure(
                    ExitCode.TIMED_OUT,
                    "what should happen next did not happen within a minute",
                    "Is the machine very busy? Run it again; what it printed says how far it came.",
                    e);
        } catch (IOException | UncheckedIOException e) {
            throw new CommandFailure(
                    ExitCode.CANNOT_SERVE,
                    String.valueOf(e.getMessage()),
                    "Name with --keep a folder that can be written and that is new or empty.",
                    e);
        }
    }

    private int inTemporaryFolder() throws IOException, InterruptedException, ExecutionException, TimeoutException {
        Path folder = Files.createTempDirectory("cvmfs-notify-demo");
        StopSignal stop = StopSignal.closing(() -> remove(folder), STOP_LIMIT);
        try {
            return in(folder);
        } finally {
            stop.withdraw();
            remove(folder);
        }
    }

    private int in(Path folder) throws IOException, InterruptedException, ExecutionException, TimeoutException {
        try (Network network = Networks.open()) {
            Demo demo = new Demo(
                    folder,
                    network,
                    LIMIT,
                    Clock.systemUTC(),
                    spec.commandLine().getOut());
            return demo.run() ? ExitCode.OK : ExitCode.TIMED_OUT;
        }
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> walk = Files.walk(folder)) {
            List<Path> deepestFirst = walk.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.delete(path);
            }
        }
    }
}
