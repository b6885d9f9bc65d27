package io.jenkins.plugins.cvmfs.notify.proxy.webhook;

import static io.jenkins.plugins.cvmfs.notify.proxy.webhook.Webhooked.announcement;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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
        settle(open(), 42);
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
        settle(before, 41);
        settle(before, 42);
        Path file = folder.resolve("webhooks/ci");
        String text = Files.readString(file);
        Files.writeString(file, text.substring(0, text.length() - 3));

        SettledMessages after = open();
        assertThat(after.isOwed(announcement("sw.example.org", 41), "msg_41")).isFalse();
        assertThat(after.isOwed(announcement("sw.example.org", 42), "msg_42")).isTrue();
        settle(after, 42);
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
            settle(settled, revision);
        }

        assertThat(Files.readAllLines(folder.resolve("webhooks/ci"))).hasSizeLessThan(120);
        assertThat(open().isOwed(announcement("sw.example.org", 1000), "msg_1000"))
                .isFalse();
    }

    @Test
    void aForgottenRepositoryIsOwedItsNextAnnouncementWhateverItIs() {
        SettledMessages settled = open();
        settle(settled, 42);
        settled.forget(SW);

        assertThat(settled.isOwed(announcement("sw.example.org", 42), "msg_42")).isTrue();
        assertThat(open().isOwed(announcement("sw.example.org", 42), "msg_42")).isTrue();
    }

    @Test
    void aFileThatCannotBeDeletedKeepsNoOther() throws IOException {
        Path kept = Files.createDirectories(folder.resolve("webhooks"));
        for (String name : List.of("a", "m", "z")) {
            Files.createFile(Files.createDirectories(kept.resolve(name)).resolve("inside"));
            Files.createFile(kept.resolve("old-" + name));
        }
        Files.createFile(kept.resolve("configured"));

        SettledMessages.deleteOthers(Optional.of(folder), List.of("configured"));

        assertThat(kept.toFile().list()).containsExactlyInAnyOrder("a", "m", "z", "configured");
    }

    @Test
    void withoutAStateFolderItIsKeptInMemory() {
        SettledMessages settled = SettledMessages.open(Optional.empty(), "ci", clock.instant());
        settle(settled, 42);

        assertThat(settled.isOwed(announcement("sw.example.org", 42), "msg_42")).isFalse();
    }

    @Test
    void onlyARevisionThatIsNotHigherThanAllBeforeIsARollback() {
        open().announced(announcement("sw.example.org", 7), "msg_7", "msg_7_again");
        SettledMessages settled = open();

        assertThat(settled.announced(announcement("sw.example.org", 7), "msg_7", "msg_7_again"))
                .as("once more")
                .isEqualTo("msg_7");
        assertThat(settled.announced(announcement("sw.example.org", 9), "msg_9", "msg_9_again"))
                .isEqualTo("msg_9");
        assertThat(settled.announced(announcement("sw.example.org", 7), "msg_7", "msg_7_again"))
                .isEqualTo("msg_7_again");
        assertThat(open().announced(announcement("sw.example.org", 7), "msg_7", "msg_7_later"))
                .as("once more, after a restart")
                .isEqualTo("msg_7_again");
        assertThat(open().announced(announcement("sw.example.org", 8), "msg_8", "msg_8_other"))
                .as("another 8 may have been told")
                .isEqualTo("msg_8_other");
        assertThat(open().announced(announcement("sw.example.org", 10), "msg_10", "msg_10_again"))
                .isEqualTo("msg_10");
    }

    private static void settle(SettledMessages settled, long revision) {
        String id = "msg_" + revision;
        settled.announced(announcement("sw.example.org", revision), id, id);
        settled.settle(SW, id);
    }

    private SettledMessages open() {
        return SettledMessages.open(Optional.of(folder), "ci", clock.instant());
    }
}
