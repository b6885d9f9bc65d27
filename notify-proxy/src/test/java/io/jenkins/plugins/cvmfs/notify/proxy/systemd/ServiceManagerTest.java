package io.jenkins.plugins.cvmfs.notify.proxy.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceManagerTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    @Test
    void systemdIsNotifiedOfEachStateOnce() {
        String path = folder.resolve("notify").toString();
        try (NotifySocket systemd = new NotifySocket(path);
                ServiceManager manager = ServiceManager.of(Map.of("NOTIFY_SOCKET", path))) {
            manager.ready("listening on http://127.0.0.1:4930", () -> CompletableFuture.completedFuture(null));
            manager.reloading();
            manager.reloaded();
            manager.stopping();

            Awaitility.await().atMost(LIMIT).until(() -> systemd.received().size() == 4);
            assertThat(systemd.received())
                    .containsExactly(
                            "READY=1\nSTATUS=listening on http://127.0.0.1:4930",
                            "RELOADING=1",
                            "READY=1",
                            "STOPPING=1");
        }
    }

    /** As systemd names it where it runs in a container or for a user. */
    @Test
    void anAbstractSocketIsReached() {
        String name = "cvmfs-notify-test-" + ProcessHandle.current().pid();
        try (NotifySocket systemd = new NotifySocket("\0" + name);
                ServiceManager manager = ServiceManager.of(Map.of("NOTIFY_SOCKET", "@" + name))) {
            manager.stopping();

            Awaitility.await().atMost(LIMIT).until(() -> systemd.received().contains("STOPPING=1"));
        }
    }

    @Test
    void theWatchdogIsNotFedByAServiceThatDoesNotAnswer() {
        String path = folder.resolve("notify").toString();
        CompletableFuture<Void> neverAnswered = new CompletableFuture<>();
        try (NotifySocket systemd = new NotifySocket(path);
                ServiceManager alive = ServiceManager.of(Map.of("NOTIFY_SOCKET", path, "WATCHDOG_USEC", "20000"));
                ServiceManager stuck = ServiceManager.of(Map.of("NOTIFY_SOCKET", path, "WATCHDOG_USEC", "20000"))) {
            stuck.ready("stuck", () -> neverAnswered);
            assertThat(systemd.received()).doesNotContain("WATCHDOG=1");

            alive.ready("alive", () -> CompletableFuture.completedFuture(null));
            Awaitility.await().atMost(LIMIT).until(() -> systemd.received().contains("WATCHDOG=1"));
        }
    }

    @Test
    void aMissingServiceManagerHasNoEffect() {
        try (ServiceManager manager = ServiceManager.of(
                Map.of("NOTIFY_SOCKET", folder.resolve("absent").toString()))) {
            assertThatCode(() -> manager.ready("ready", () -> CompletableFuture.completedFuture(null)))
                    .doesNotThrowAnyException();
            assertThatCode(manager::stopping).doesNotThrowAnyException();
        }
    }
}
