package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RevisionHookTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    /** Says when it begins, waits until the test lets it go on, says when it ends. */
    private static final String STEPS = """
            cd '%s'
            echo "begin $CVMFS_FQRN $CVMFS_REVISION" >> log
            while [ ! -e "go-$CVMFS_FQRN-$CVMFS_REVISION" ]; do sleep 0.02; done
            echo "end $CVMFS_FQRN $CVMFS_REVISION" >> log
            """;

    @TempDir
    Path folder;

    @Test
    void theCommandFindsTheRevisionInItsEnvironment() throws IOException {
        String command = "printf '%%s|%%s|%%s' \"$CVMFS_FQRN\" \"$CVMFS_REVISION\" \"$CVMFS_ROOT_HASH\" > '%s/log'"
                .formatted(folder);
        try (RevisionHook hook = new RevisionHook(command, LONG)) {
            int exitCode = hook.offer(Announcements.of("test.example.org", -1)).join();

            assertThat(exitCode).isZero();
            assertThat(Files.readString(folder.resolve("log")))
                    .isEqualTo("test.example.org|18446744073709551615|" + Announcements.ROOT_HASH);
        }
    }

    @Test
    void theExitCodeOfTheCommandIsReported() {
        try (RevisionHook hook = new RevisionHook("exit 7", LONG)) {
            assertThat(hook.offer(Announcements.of("test.example.org", 1)).join())
                    .isEqualTo(7);
        }
    }

    @Test
    void oneCommandRunsAtATimeForARepositoryAndTheNewestRevisionWaits() throws IOException {
        try (RevisionHook hook = new RevisionHook(STEPS.formatted(folder), LONG)) {
            // Given a command that is running for revision 1
            CompletableFuture<Integer> first = hook.offer(Announcements.of("a.example.org", 1));
            awaitLog("begin a.example.org 1");

            // When three more revisions come before it has ended
            CompletableFuture<Integer> second = hook.offer(Announcements.of("a.example.org", 2));
            CompletableFuture<Integer> third = hook.offer(Announcements.of("a.example.org", 3));
            CompletableFuture<Integer> fourth = hook.offer(Announcements.of("a.example.org", 4));
            go("a.example.org", 4);
            go("a.example.org", 1);

            // Then it runs once more, for the newest
            assertThat(first.join()).isZero();
            assertThat(fourth.join()).isZero();
            assertThat(second).isCancelled();
            assertThat(third).isCancelled();
            assertThat(log())
                    .containsExactly(
                            "begin a.example.org 1",
                            "end a.example.org 1",
                            "begin a.example.org 4",
                            "end a.example.org 4");
        }
    }

    @Test
    void repositoriesDoNotWaitForEachOther() throws IOException {
        try (RevisionHook hook = new RevisionHook(STEPS.formatted(folder), LONG)) {
            CompletableFuture<Integer> unused = hook.offer(Announcements.of("a.example.org", 1));
            awaitLog("begin a.example.org 1");

            CompletableFuture<Integer> other = hook.offer(Announcements.of("b.example.org", 1));
            go("b.example.org", 1);

            assertThat(other.join()).isZero();
            assertThat(log()).doesNotContain("end a.example.org 1");
        }
    }

    @Test
    void closingEndsTheCommandAndItsDescendants() throws IOException {
        // The loop outlives the descendant, which may get its signal first.
        RevisionHook hook =
                new RevisionHook("sleep 1000 & echo $! >> '%s/log'; while :; do wait; done".formatted(folder), LONG);
        CompletableFuture<Integer> running = hook.offer(Announcements.of("a.example.org", 1));
        CompletableFuture<Integer> waiting = hook.offer(Announcements.of("a.example.org", 2));
        await().atMost(LONG).until(() -> !log().isEmpty());
        long child = Long.parseLong(log().get(0));

        hook.close();

        assertThat(running.join()).as("128 + SIGTERM").isEqualTo(143);
        assertThat(ProcessHandle.of(child).filter(ProcessHandle::isAlive)).isEmpty();
        await().atMost(LONG).until(waiting::isDone);
        assertThat(waiting).isCancelled();
        assertThat(hook.offer(Announcements.of("a.example.org", 3))).isCancelled();
    }

    @Test
    void aCommandThatIgnoresSigtermIsKilledAfterTheGrace() throws IOException {
        String deaf = "trap '' TERM; echo deaf >> '%s/log'; while :; do sleep 0.05; done".formatted(folder);
        RevisionHook hook = new RevisionHook(deaf, Duration.ofMillis(200));
        CompletableFuture<Integer> running = hook.offer(Announcements.of("a.example.org", 1));
        awaitLog("deaf");

        hook.close();

        assertThat(running.join()).as("128 + SIGKILL").isEqualTo(137);
    }

    private void go(String repository, int revision) throws IOException {
        Files.createFile(folder.resolve("go-%s-%d".formatted(repository, revision)));
    }

    private void awaitLog(String line) {
        await().atMost(LONG).until(() -> log().contains(line));
    }

    private List<String> log() {
        Path log = folder.resolve("log");
        try {
            return Files.exists(log) ? Files.readAllLines(log) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
