package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SubscribeIT {

    private static final String NAME = "test.example.org";

    @TempDir
    private Path folder;

    private LocalProxy proxy;

    @BeforeEach
    void startProxy() throws IOException {
        proxy = LocalProxy.start();
    }

    @AfterEach
    void stopProxy() {
        proxy.close();
    }

    @Test
    void continuouslyItPrintsEachNewRevisionOnceUntilItIsStopped() throws IOException, InterruptedException {
        proxy.publish(Announcements.of(NAME, 1));
        try (JarProcess subscriber = subscribe("-v")) {
            subscriber.awaitOut("revision 1,");
            for (int revision : new int[] {2, 2, 1, 3}) {
                proxy.publish(Announcements.of(NAME, revision));
            }
            subscriber.awaitOut("revision 3,");

            subscriber.stop();

            assertThat(subscriber.exitCode()).as("128 + SIGTERM").isEqualTo(143);
            assertThat(subscriber.out().lines().map(line -> line.substring(0, line.indexOf(','))))
                    .containsExactly(
                            "test.example.org revision 1",
                            "test.example.org revision 2",
                            "test.example.org revision 3");
            assertThat(subscriber.err()).contains("connected", proxy.server());
        }
    }

    @Test
    void theCommandAndItsDescendantsEndWithIt() throws IOException, InterruptedException {
        Path log = folder.resolve("log");
        proxy.publish(Announcements.of(NAME, 1));
        String command =
                "sleep 1000 & echo $! > '%s.new'; mv '%s.new' '%s'; echo to-the-user; wait".formatted(log, log, log);
        try (JarProcess subscriber = subscribe("--exec", command)) {
            await().atMost(JarProcess.LIMIT).until(() -> Files.exists(log));
            long child = Long.parseLong(Files.readString(log).strip());

            subscriber.stop();

            assertThat(subscriber.exitCode()).isEqualTo(143);
            await().atMost(JarProcess.LIMIT)
                    .until(() -> ProcessHandle.of(child)
                            .filter(ProcessHandle::isAlive)
                            .isEmpty());
            assertThat(subscriber.out()).doesNotContain("to-the-user").hasLineCount(1);
            assertThat(subscriber.err()).doesNotContain("internal error");
        }
    }

    @Test
    void itEndsSilentlyAsIfBySigpipeWhenItsReaderHasGone() throws IOException, InterruptedException {
        proxy.publish(Announcements.of(NAME, 1));
        List<String> pipe = List.of("bash", "-c", "\"$@\" | head -1; echo \"exit code ${PIPESTATUS[0]}\"", "bash");
        try (JarProcess shell = JarProcess.under(pipe, Map.of(), folder, arguments())) {
            shell.awaitOut("revision 1,");

            // Its reader may take a moment to go after that line.
            int[] revision = {1};
            await().atMost(JarProcess.LIMIT).until(() -> {
                proxy.publish(Announcements.of(NAME, ++revision[0]));
                return shell.out().contains("exit code ");
            });
            assertThat(shell.out()).endsWith("\nexit code 141\n");
            assertThat(shell.err()).isEmpty();
        }
    }

    private String[] arguments(String... furtherArguments) {
        String[] arguments = {"subscribe", "-u", proxy.server(), "-t", NAME, "-c", "--verify", "off"};
        return Stream.of(arguments, furtherArguments).flatMap(Arrays::stream).toArray(String[]::new);
    }

    private JarProcess subscribe(String... furtherArguments) throws IOException {
        return JarProcess.start(folder, arguments(furtherArguments));
    }
}
