package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.FileProblem;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.proxy.demo.Demo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "demo",
        description = {
            "Demonstrates the main use on this machine alone: a repository is published, a subscriber is notified, one of two"
                    + " replicas is late, and the wait ends when both have the revision.",
            "",
            "Everything it starts listens on free ports of the loopback and ends with it."
        },
        footer = {"  notify-proxy demo", "  notify-proxy demo --keep demo"},
        exitCodeList = {
            "0:the demonstration succeeded",
            "3:an event did not happen within a minute",
            "4:the folder or a port of the loopback cannot be used"
        })
final class DemoCommand extends RootCommand.Base {

    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(5);

    @Option(
            names = "--keep",
            paramLabel = "DIR",
            description = {
                "Create the repository in this folder and keep it, to try other commands: 'stratum0', 'site-a', 'site-b' and the"
                        + " master key 'sw.example.org.pub'. Default: a temporary folder that is removed."
            })
    private @Nullable Path keep;

    @Override
    public Integer call() throws IOException, InterruptedException, ExecutionException {
        Logging.setLevel(Level.WARN);
        try {
            return keep == null ? inTemporaryFolder() : in(Files.createDirectories(keep));
        } catch (TimeoutException e) {
            throw new CommandFailure(
                    ExitCode.TIMED_OUT,
                    "the next event did not happen within a minute",
                    "Is the machine very busy? Run it again; the last line printed is the last event.",
                    e);
        } catch (PermanentFailureException | UncheckedIOException | IOException e) {
            Optional<IOException> reason = NotifyException.find(IOException.class, e);
            if (reason.isEmpty()) {
                throw e;
            }
            throw unusable(reason.get());
        }
    }

    private static CommandFailure unusable(IOException failure) {
        String reason = FileProblem.folderReason(failure);
        return new CommandFailure(
                ExitCode.CANNOT_SERVE,
                failure instanceof FileSystemException file
                        ? "cannot use %s: %s".formatted(file.getFile(), reason)
                        : reason,
                "Give --keep a folder that is writable, and new or empty.",
                failure);
    }

    private int inTemporaryFolder() throws IOException, InterruptedException, ExecutionException, TimeoutException {
        Path folder = Files.createTempDirectory("cvmfs-notify-demo");
        ProcessSignals.StopHook stop = ProcessSignals.closeOnStop(() -> remove(folder), STOP_LIMIT);
        try {
            return in(folder);
        } finally {
            stop.withdraw();
            remove(folder);
        }
    }

    private int in(Path folder) throws IOException, InterruptedException, ExecutionException, TimeoutException {
        try (Network network = ServerOptions.openNetwork()) {
            Demo demo = new Demo(folder, network, LIMIT, Clock.systemUTC(), out());
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
