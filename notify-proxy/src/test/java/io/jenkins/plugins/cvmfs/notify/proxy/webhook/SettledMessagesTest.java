package io.jenkins.plugins.cvmfs.notify.proxy.webhook;

import static io.jenkins.plugins.cvmfs.notify.proxy.webhook.Webhooked.announcement;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettledMessagesTest {

    private static final RepositoryName SW = new RepositoryName("sw.example.org");

    @TempDir
    Path folder;

    private final ManualClock clock = new ManualClock();

    @Test
    void afterARestartOnlyWhatWasNotSettledIsOwed() {
        open().settle(SW, "msg_42");
        clock.move(Duration.ofDays(1));
        SettledMessages after = open();

        assertThat(after.isOwed(announcement("sw.example.org", 42), "msg_42")).isFalse();
        assertThat(after.isOwed(announcement("sw.example.org", 43), "msg_43")).isTrue();
        assertThat(after.isOwed(announcement("data.example.org", 1), "msg_1")).isTrue();
    }

    @Test
    void aNewWebhookIsNotOwedWhatWasAnnouncedBefore() {
        clock.move(Duration.ofHours(1));
        SettledMessages settled = open();

        assertThat(settled.isOwed(announcement("sw.example.org", 42), "msg_42")).isFalse();
        assertThat(settled.isOwed(announcement("sw.example.org", 43, clock.instant()), "msg_43"))
                .isTrue();
    }

    @Test
    void aTornLastLineIsIgnored() throws IOException {
        SettledMessages before = open();
        before.settle(SW, "msg_41");
        before.settle(SW, "msg_42");
        Path file = folder.resolve("webhooks/ci");
        String text = Files.readString(file);
        Files.writeString(file, text.substring(0, text.length() - 3));

        SettledMessages after = open();
        assertThat(after.isOwed(announcement("sw.example.org", 41), "msg_41")).isFalse();
        assertThat(after.isOwed(announcement("sw.example.org", 42), "msg_42")).isTrue();
        after.settle(SW, "msg_42");
        assertThat(open().isOwed(announcement("sw.example.org", 42), "msg_42")).isFalse();
    }

    @Test
    void aDamagedFileLosesNothing() throws IOException {
        clock.move(Duration.ofDays(1));
        open();
        Files.writeString(folder.resolve("webhooks/ci"), "since yesterday\n");

        assertThat(open().isOwed(announcement("sw.example.org", 42), "msg_42")).isTrue();
        assertThat(open().isOwed(announcement("sw.example.org", 42), "msg_42"))
                .as("after one more start")
                .isTrue();
    }

    @Test
    void theFileStaysShortHoweverManyAreSettled() throws IOException {
        SettledMessages settled = open();
        for (int revision = 1; revision <= 1000; revision++) {
            settled.settle(SW, "msg_" + revision);
        }

        assertThat(Files.readAllLines(folder.resolve("webhooks/ci"))).hasSizeLessThan(120);
        assertThat(open().isOwed(announcement("sw.example.org", 1000), "msg_1000"))
                .isFalse();
    }

    @Test
    void aForgottenRepositoryIsOwedItsNextAnnouncementWhateverItIs() {
        SettledMessages settled = open();
        settled.settle(SW, "msg_42");
        settled.forget(SW);

        assertThat(settled.isOwed(announcement("sw.example.org", 42), "msg_42")).isTrue();
        assertThat(open().isOwed(announcement("sw.example.org", 42), "msg_42")).isTrue();
    }

    @Test
    void withoutAStateFolderItIsKeptInMemory() {
        SettledMessages settled = SettledMessages.open(Optional.empty(), "ci", clock.instant());
        settled.settle(SW, "msg_42");

        assertThat(settled.isOwed(announcement("sw.example.org", 42), "msg_42")).isFalse();
    }

    private SettledMessages open() {
        return SettledMessages.open(Optional.of(folder), "ci", clock.instant());
    }
}
