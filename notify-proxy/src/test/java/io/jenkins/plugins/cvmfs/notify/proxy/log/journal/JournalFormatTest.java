package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.Entries.Scanned;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.JournalFormat.Header;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JournalFormatTest {

    private static final Header HEADER = new Header("0123456789abcdef", 1);
    private static final List<LogEntry> ENTRIES = List.of(
            Entries.entry("a.example.org", 1), Entries.entry("b.example.org", 2), Entries.entry("a.example.org", 3));

    private static final byte[] FILE = file(ENTRIES);

    private static byte[] file(List<LogEntry> entries) {
        ByteBuffer records = JournalFormat.encode(entries);
        byte[] file = new byte[Header.LENGTH + records.remaining()];
        ByteBuffer.wrap(file).put(HEADER.encode()).put(records);
        return file;
    }

    private static int recordLength(int index) {
        return JournalFormat.encode(List.of(ENTRIES.get(index))).remaining();
    }

    @Test
    void everythingWrittenIsReadBack() {
        Scanned scan = Scanned.of(ByteBuffer.wrap(FILE));

        assertThat(Entries.texts(scan.entries())).isEqualTo(Entries.texts(ENTRIES));
        assertThat(scan.entries())
                .usingRecursiveComparison()
                .comparingOnlyFields("idOrNull", "announcement.position", "announcement.announcedAt")
                .isEqualTo(ENTRIES);
        assertThat(scan.isDamaged()).isFalse();
        assertThat(scan.tornBytes()).isZero();
    }

    @Test
    void anEntryOfAForeignPublisherHasNoId() {
        LogEntry foreign = new LogEntry(ENTRIES.get(0).announcement(), null);

        Scanned scan = Scanned.of(ByteBuffer.wrap(file(List.of(foreign))));

        assertThat(scan.entries())
                .singleElement()
                .satisfies(entry -> assertThat(entry.id()).isEmpty());
    }

    @Test
    void theEpochGoesOnAfterACleanEndWithOffsetsNeverUsed() {
        Header next = Scanned.of(ByteBuffer.wrap(FILE)).header();

        assertThat(next.epoch()).isEqualTo(HEADER.epoch());
        assertThat(next.nextOffset()).isGreaterThan(3);
    }

    @Test
    void anEmptyFileBeginsANewEpoch() {
        Scanned scan = Scanned.of(ByteBuffer.allocate(0));

        assertThat(scan.isDamaged()).isFalse();
        assertThat(scan.entries()).isEmpty();
        assertThat(scan.header().epoch()).matches("[0-9a-f]{16}").isNotEqualTo(HEADER.epoch());
        assertThat(scan.header().nextOffset()).isEqualTo(1);
    }

    @Test
    void whereverTheFileEndsTheWholeRecordsBeforeAreRead() {
        int firstTwo = Header.LENGTH + recordLength(0) + recordLength(1);
        for (int end = firstTwo; end < FILE.length; end++) {
            Scanned scan = Scanned.of(ByteBuffer.wrap(FILE, 0, end).slice());

            assertThat(Entries.texts(scan.entries()))
                    .as("cut at %d", end)
                    .isEqualTo(Entries.texts(ENTRIES.subList(0, 2)));
            assertThat(scan.tornBytes()).isEqualTo(end - firstTwo);
            assertThat(scan.isDamaged()).isFalse();
            assertThat(scan.header().epoch()).isEqualTo(HEADER.epoch());
        }
    }

    @Test
    void whicheverByteOfARecordIsDamagedTheOtherRecordsAreRead() {
        int start = Header.LENGTH + recordLength(0);
        for (int at = start; at < start + recordLength(1); at++) {
            byte[] damaged = FILE.clone();
            damaged[at] ^= 0x40;

            Scanned scan = Scanned.of(ByteBuffer.wrap(damaged));

            assertThat(Entries.texts(scan.entries()))
                    .as("damaged at %d", at)
                    .containsExactly("a.example.org revision 1", "a.example.org revision 3");
            assertThat(scan.damagedBytes()).isEqualTo(recordLength(1));
            assertThat(scan.isDamaged()).isTrue();
        }
    }

    /** As a bad memory chip may write it: what is wrong is under the checksum. */
    @ParameterizedTest
    @CsvSource({"0, 127", "32, 128", "40, 255", "40, 128", "41, 47"})
    void aRecordThatIsWholeButMakesNoSenseIsLeftOutAlone(int at, int value) {
        byte[] body = Arrays.copyOfRange(FILE, Header.LENGTH + 12, Header.LENGTH + recordLength(0));
        body[at] = (byte) value;
        byte[] senseless = Entries.sealed(body);
        ByteBuffer file = ByteBuffer.allocate(FILE.length + senseless.length);
        file.put(FILE).put(senseless).flip();

        Scanned scan = Scanned.of(file);

        assertThat(Entries.texts(scan.entries())).isEqualTo(Entries.texts(ENTRIES));
        assertThat(scan.rejected()).isEqualTo(1);
        assertThat(scan.isDamaged()).isTrue();
    }

    @Test
    void whicheverByteOfTheHeaderIsDamagedTheRecordsAreReadInANewEpoch() {
        for (int at = 0; at < Header.LENGTH; at++) {
            byte[] damaged = FILE.clone();
            damaged[at] ^= 0x40;

            Scanned scan = Scanned.of(ByteBuffer.wrap(damaged));

            assertThat(scan.entries()).as("damaged at %d", at).hasSize(3);
            assertThat(scan.isDamaged()).isTrue();
            assertThat(scan.header().epoch()).isNotEqualTo(HEADER.epoch());
        }
    }
}
