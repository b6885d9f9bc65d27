package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;

/**
 * Does what systemd does with a socket unit: opens a listening socket, starts a service with it, and starts the next when that one
 * ends; the socket stays open all the time. Written in Perl, because Java cannot hand a file to a process that it starts.
 */
final class SocketKeeper implements AutoCloseable {

    private static final String SCRIPT = """
            use IO::Socket::INET;
            use POSIX ();
            $| = 1;
            $^F = 3;
            my $socket = IO::Socket::INET->new(
                LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 4096, Blocking => %d) or die "no socket: $!";
            POSIX::dup2(fileno($socket), 3);
            print 'port ', $socket->sockport, "\\n";
            my $next = 1;
            $SIG{TERM} = sub { $next = 0 };
            while ($next) {
                my $pid = fork;
                if (!$pid) {
                    $ENV{LISTEN_PID} = $$;
                    $ENV{LISTEN_FDS} = 1;
                    exec @ARGV;
                }
                print "started $pid\\n";
                waitpid $pid, 0;
                print "ended\\n";
                $next = 0 if %d;
            }
            """;

    private static final Pattern PORT = Pattern.compile("port ([0-9]+)");
    private static final Pattern STARTED = Pattern.compile("started ([0-9]+)");
    private static final Pattern LISTENING = Pattern.compile("listening on ");

    private final JarProcess process;

    private SocketKeeper(JarProcess process) {
        this.process = process;
    }

    /** Keeps a service running. Skips the test where there is no Perl. */
    static SocketKeeper keeping(Path folder, Map<String, String> environment, String... arguments) throws IOException {
        SocketKeeper keeper = start(folder, 0, 0, environment, arguments);
        keeper.awaitServices(1);
        return keeper;
    }

    /** Starts one with a socket that blocks, and not again. */
    static SocketKeeper blocking(Path folder, String... arguments) throws IOException {
        return start(folder, 1, 1, Map.of(), arguments);
    }

    private static SocketKeeper start(
            Path folder, int blocking, int once, Map<String, String> environment, String... arguments)
            throws IOException {
        boolean perl = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(each -> Files.isExecutable(Path.of(each, "perl")));
        Assumptions.assumeTrue(perl, "needs perl, to hand a socket to a process");
        List<String> starter = new ArrayList<>(List.of("perl", "-e", SCRIPT.formatted(blocking, once)));
        return new SocketKeeper(JarProcess.under(starter, environment, folder, arguments));
    }

    int port() {
        return Integer.parseInt(matches(PORT).get(0).group(1));
    }

    /** Stops the service that runs now, and waits until the next one serves. */
    void restart() {
        int before = matches(LISTENING).size();
        List<MatchResult> started = matches(STARTED);
        ProcessHandle service = ProcessHandle.of(
                        Long.parseLong(started.get(started.size() - 1).group(1)))
                .orElseThrow();
        assertThat(service.destroy()).isTrue();
        awaitServices(before + 1);
    }

    private void awaitServices(int count) {
        Awaitility.await("service " + count)
                .atMost(JarProcess.LIMIT)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> matches(LISTENING).size() >= count);
    }

    private List<MatchResult> matches(Pattern pattern) {
        return pattern.matcher(process.out()).results().toList();
    }

    JarProcess process() {
        return process;
    }

    @Override
    public void close() {
        process.close();
    }
}
