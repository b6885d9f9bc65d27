package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.abuse.CaughtFailures;
import io.jenkins.plugins.cvmfs.notify.proxy.abuse.Fuzz;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.Entries.Scanned;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.JournalFormat.Header;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever stands in the file, the journal opens, and keeps every record that is whole. */
class JournalFuzzTest {

    private static final Header HEADER = new Header("0123456789abcdef", 5);
    private static final List<LogEntry> ENTRIES = List.of(
            Entries.entry("a.example.org", 1),
            Entries.entry("b.example.org", 2),
            Entries.entry("a.example.org", 3),
            Entries.entry("c.example.org", 4));
    private static final int PREFIX = 12;
    private static final byte[] FILE = file(ENTRIES);
    private static final byte[] BODY =
            Arrays.copyOfRange(record(ENTRIES.get(0)), PREFIX, record(ENTRIES.get(0)).length);

    @TempDir
    Path folder;

    private static byte[] record(LogEntry entry) {
        return JournalFormat.encode(List.of(entry)).array();
    }

    private static byte[] file(List<LogEntry> entries) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(HEADER.encode().array());
        entries.forEach(entry -> file.writeBytes(record(entry)));
        return file.toByteArray();
    }

    private static List<List<Object>> everythingIn(Scanned scan) {
        return scan.entries().stream()
                .map(entry -> List.<Object>of(
                        entry.id(),
                        entry.position(),
                        entry.announcedAt(),
                        ByteBuffer.wrap(entry.announcement().message().raw())))
                .toList();
    }

    @Test
    void whateverTheFileHoldsItIsReadAndWhatIsReadCanBeWrittenAgain() {
        Fuzz.of(FILE, file(List.of()), file(ENTRIES.subList(0, 1))).each(3_000, (input, random) -> {
            Scanned scan = Scanned.of(ByteBuffer.wrap(input));

            assertThat(scan.damagedBytes() + scan.tornBytes()).isLessThanOrEqualTo(input.length);
            assertCanBeWrittenAgain(scan);
        });
    }

    private static void assertCanBeWrittenAgain(Scanned scan) {
        ByteArrayOutputStream again = new ByteArrayOutputStream();
        again.writeBytes(scan.header().encode().array());
        scan.entries().forEach(entry -> again.writeBytes(record(entry)));
        Scanned second = Scanned.of(ByteBuffer.wrap(again.toByteArray()));
        assertThat(second.isDamaged()).isFalse();
        assertThat(second.tornBytes()).isZero();
        assertThat(everythingIn(second)).isEqualTo(everythingIn(scan));
    }

    @Test
    void damageBehindARecordCostsNoRecordBeforeIt() {
        Fuzz.of(FILE, new byte[0], record(ENTRIES.get(1))).each(3_000, (input, random) -> {
            int kept = 1 + random.nextInt(ENTRIES.size());
            ByteArrayOutputStream file = new ByteArrayOutputStream();
            file.writeBytes(file(ENTRIES.subList(0, kept)));
            file.writeBytes(input);

            Scanned scan = Scanned.of(ByteBuffer.wrap(file.toByteArray()));

            assertThat(Entries.texts(scan.entries()))
                    .startsWith(Entries.texts(ENTRIES.subList(0, kept)).toArray(String[]::new));
        });
    }

    @Test
    void aRecordThatIsWholeButMakesNoSenseIsLeftOutAlone() {
        Fuzz.of(BODY)
                .words("\u0080", "\u0010", "\u007f\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff")
                .each(3_000, (input, random) -> {
                    ByteArrayOutputStream file = new ByteArrayOutputStream();
                    file.writeBytes(file(ENTRIES.subList(0, 1)));
                    file.writeBytes(Entries.sealed(input));
                    file.writeBytes(record(ENTRIES.get(3)));

                    Scanned scan = Scanned.of(ByteBuffer.wrap(file.toByteArray()));

                    assertThat(Entries.texts(scan.entries()))
                            .startsWith("a.example.org revision 1")
                            .endsWith("c.example.org revision 4");
                    assertCanBeWrittenAgain(scan);
                });
    }

    @Test
    void aFolderWithAnyFilesOpensAndTakesAnEntry() {
        try (CaughtFailures log = CaughtFailures.of(JournalFile.class)) {
            Fuzz.of(FILE).each(100, (input, random) -> {
                Path state = Files.createDirectory(folder.resolve("state"));
                scatter(input, random, state);

                appendTo(state, Entries.entry("d.example.org", 9));

                try (JournalFile journal = JournalFile.open(state)) {
                    assertThat(Entries.texts(Entries.recovered(journal))).endsWith("d.example.org revision 9");
                }
                delete(state);
            });
            assertThat(log.all()).isEmpty();
        }
    }

    private static void appendTo(Path state, LogEntry entry) throws IOException {
        try (JournalFile journal = JournalFile.open(state)) {
            List<LogEntry> entries = new ArrayList<>();
            journal.rewrite(journal.recover(Entries.collect(entries)), entries);
            journal.append(List.of(entry), true);
        }
    }

    private static void scatter(byte[] input, Random random, Path state) throws IOException {
        for (String name : List.of("activity.journal", "activity.journal.new", "activity.journal.damaged", "other")) {
            if (name.equals("activity.journal") || random.nextBoolean()) {
                Files.write(state.resolve(name), input);
            }
        }
    }

    private static void delete(Path state) throws IOException {
        try (var files = Files.list(state)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(state);
    }

    @Test
    void theHeaderIsReadFromNothingElse() {
        String header = new String(HEADER.encode().array(), ISO_8859_1);
        Fuzz.of(header).each(3_000, (input, random) -> {
            boolean same = Arrays.equals(
                    input, 0, Math.min(input.length, Header.LENGTH), header.getBytes(ISO_8859_1), 0, header.length());

            assertThat(Header.decode(ByteBuffer.wrap(input)).isPresent()).isEqualTo(same);
        });
    }
}
