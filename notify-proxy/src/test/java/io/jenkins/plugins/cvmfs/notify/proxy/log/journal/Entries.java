package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.JournalFormat.Header;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.JournalFormat.JournalRecord;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.JournalFormat.Scan;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Activities;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/** Entries with positions and times that follow from their revision. */
final class Entries {

    static final Instant START = Instant.parse("2026-11-23T21:13:15Z");

    private Entries() {}

    static LogEntry entry(String repository, int revision) {
        return new LogEntry(
                new Announcement(
                        Activities.message(repository, revision),
                        new LogPosition("0123456789abcdef", revision),
                        START.plusSeconds(revision)),
                new UUID(1, revision));
    }

    /** A record that is whole, with any body. */
    static byte[] sealed(byte[] body) {
        CRC32C crc = new CRC32C();
        crc.update(body);
        return ByteBuffer.allocate(3 * Integer.BYTES + body.length)
                .putInt(0xC7_4E_52_0A)
                .putInt(body.length)
                .putInt((int) crc.getValue())
                .put(body)
                .array();
    }

    /** What a scan found, and what it said of it. */
    record Scanned(Scan scan, List<LogEntry> entries) {

        static Scanned of(ByteBuffer file) {
            List<LogEntry> entries = new ArrayList<>();
            return new Scanned(Scan.of(file, collect(entries)), entries);
        }

        Header header() {
            return scan.header();
        }

        boolean isDamaged() {
            return scan.isDamaged();
        }

        int damagedBytes() {
            return scan.damagedBytes();
        }

        int tornBytes() {
            return scan.tornBytes();
        }

        int rejected() {
            return scan.rejected();
        }
    }

    /** Adds what was announced to a list, and leaves out what was forgotten. */
    static Consumer<JournalRecord> collect(List<LogEntry> entries) {
        return found -> {
            if (found instanceof LogEntry entry) {
                entries.add(entry);
            }
        };
    }

    /** Every entry that the journal recovers. */
    static List<LogEntry> recovered(JournalFile journal) {
        List<LogEntry> entries = new ArrayList<>();
        journal.recover(collect(entries));
        return entries;
    }

    static List<String> texts(List<LogEntry> entries) {
        return entries.stream().map(e -> e.announcement().message().toString()).toList();
    }
}
