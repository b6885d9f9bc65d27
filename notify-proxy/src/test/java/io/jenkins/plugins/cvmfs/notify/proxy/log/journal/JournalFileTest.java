package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.JournalFile.RewriteNeed;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.JournalFormat.Header;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalFileTest {

    private static final LogEntry FIRST = Entries.entry("a.example.org", 1);
    private static final LogEntry SECOND = Entries.entry("a.example.org", 2);

    private static final Header HEADER = Header.fresh();

    @TempDir
    Path folder;

    private final FaultyDisk disk = new FaultyDisk();

    private JournalFile open() {
        return new JournalFile(StateDirectory.acquire(folder), disk);
    }

    private void writeAndClose(LogEntry... entries) throws IOException {
        try (JournalFile journal = open()) {
            journal.rewrite(HEADER, List.of());
            journal.append(List.of(entries), true);
        }
    }

    private List<String> readAgain() throws IOException {
        try (JournalFile journal = open()) {
            return Entries.texts(Entries.recovered(journal));
        }
    }

    @Test
    void whatWasAppendedIsThereAfterReopening() throws IOException {
        writeAndClose(FIRST, SECOND);

        assertThat(readAgain()).containsExactly("a.example.org revision 1", "a.example.org revision 2");
    }

    @Test
    void theEpochStaysTheSameAcrossReopening() throws IOException {
        writeAndClose(FIRST);

        String before;
        try (JournalFile journal = open()) {
            before = journal.recover(entry -> {}).epoch();
        }
        try (JournalFile journal = open()) {
            assertThat(journal.recover(entry -> {}).epoch()).isEqualTo(before);
        }
    }

    @Test
    void rewritingLeavesOnlyTheGivenEntries() throws IOException {
        writeAndClose(FIRST, SECOND);
        try (JournalFile journal = open()) {
            journal.rewrite(HEADER, List.of(SECOND));
        }

        assertThat(readAgain()).containsExactly("a.example.org revision 2");
    }

    @Test
    void aFileGrownToAMultipleOfWhatItNeedsShouldBeRewritten() throws IOException {
        try (JournalFile journal = open()) {
            journal.rewrite(HEADER, List.of());
            assertThat(journal.rewriteNeed()).isEqualTo(RewriteNeed.NO);

            List<LogEntry> many = java.util.Collections.nCopies(1_000, FIRST);
            while (journal.rewriteNeed() == RewriteNeed.NO) {
                assertThat(journal.bytes()).isLessThan(8L * 1024 * 1024);
                journal.append(many, false);
            }
            journal.rewrite(HEADER, List.of(FIRST));

            assertThat(journal.rewriteNeed()).isEqualTo(RewriteNeed.NO);
            assertThat(journal.bytes()).isLessThan(1_000);
        }
        assertThat(folder).isDirectoryNotContaining("glob:**.new");
    }

    @Test
    void anUnfinishedSecondFileOfACrashIsIgnored() throws IOException {
        writeAndClose(FIRST);
        Files.writeString(folder.resolve("activity.journal.new"), "half of a file");

        assertThat(readAgain()).containsExactly("a.example.org revision 1");
    }

    @Test
    void afterAWriteToAFullDiskNothingIsAppendedBeforeTheFileIsWrittenAnew() throws IOException {
        try (JournalFile journal = open()) {
            journal.rewrite(HEADER, List.of());
            disk.full = true;
            assertThatIOException().isThrownBy(() -> journal.append(List.of(FIRST), true));

            disk.full = false;

            assertThat(journal.rewriteNeed()).isEqualTo(RewriteNeed.MUST);
            assertThatIOException().isThrownBy(() -> journal.append(List.of(SECOND), true));
            journal.rewrite(HEADER, List.of());
            journal.append(List.of(SECOND), true);
        }
        assertThat(readAgain()).containsExactly("a.example.org revision 2");
    }

    @Test
    void aFileThatCannotBeRewrittenStaysAsItWas() throws IOException {
        writeAndClose(FIRST);
        try (JournalFile journal = open()) {
            disk.full = true;
            assertThatIOException().isThrownBy(() -> journal.rewrite(HEADER, List.of(SECOND)));
        }

        assertThat(readAgain()).containsExactly("a.example.org revision 1");
    }

    @Test
    void afterTheNewFileHasTakenTheOldOnesPlaceNothingIsAppendedToTheOldOne() throws IOException {
        writeAndClose(FIRST);
        try (JournalFile journal = open()) {
            journal.rewrite(HEADER, List.of(FIRST));
            disk.folderCannotBeSynced = true;
            assertThatIOException().isThrownBy(() -> journal.rewrite(HEADER, List.of(FIRST)));

            assertThat(journal.rewriteNeed()).isEqualTo(RewriteNeed.MUST);
            assertThatIOException().isThrownBy(() -> journal.append(List.of(SECOND), true));
        }

        assertThat(readAgain()).containsExactly("a.example.org revision 1");
    }

    @Test
    void aDamagedFileIsKeptBesideForInspection() throws IOException {
        writeAndClose(FIRST, SECOND);
        Path journal = folder.resolve("activity.journal");
        byte[] bytes = Files.readAllBytes(journal);
        bytes[Header.LENGTH + 60] ^= 1;
        Files.write(journal, bytes, StandardOpenOption.TRUNCATE_EXISTING);

        assertThat(readAgain()).containsExactly("a.example.org revision 2");
        assertThat(folder.resolve("activity.journal.damaged")).hasBinaryContent(bytes);
    }

    @Test
    void aSecondProxyIsKeptOutOfTheFolderUntilTheFirstIsClosed() throws IOException {
        try (JournalFile first = open()) {
            assertThat(Entries.recovered(first)).isEmpty();
            assertThatExceptionOfType(PermanentFailureException.class)
                    .isThrownBy(this::open)
                    .withMessageContaining(folder.toString())
                    .withMessageContaining("in use by another notify-proxy");
        }
        assertThat(readAgain()).isEmpty();
    }

    @Test
    void aFolderThatCannotBeMadeIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");

        assertThatExceptionOfType(PermanentFailureException.class)
                .isThrownBy(() -> StateDirectory.acquire(file.resolve("state")))
                .withMessageContaining(file.resolve("state").toString())
                .withMessageNotContaining("java.nio");
        assertThatExceptionOfType(PermanentFailureException.class)
                .isThrownBy(() -> StateDirectory.acquire(file))
                .withMessageContaining(file + " cannot be used: it is not a folder;");
    }
}
