package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * What stands in a journal's file, whatever happened to it. Bytes that are no undamaged record are passed over up to the next one
 * that is.
 *
 * @param header the header to go on with: the file's own, or after damage that of a new epoch, because offsets which the old
 *     one gave out may be lost
 * @param readable how many records could be read
 * @param damagedBytes bytes passed over in front of a readable record: the disk changed what had been written
 * @param tornBytes unreadable bytes at the end: a write that a crash cut off, which nobody was told had succeeded
 * @param rejected undamaged records whose message this version does not accept
 */
record JournalScan(JournalHeader header, int readable, int damagedBytes, int tornBytes, int rejected) {

    /**
     * Reads a whole file; an empty one is a journal that begins now.
     *
     * @param records takes every readable record, in the file's order
     */
    static JournalScan of(ByteBuffer file, Consumer<JournalRecord> records) {
        Optional<JournalHeader> header = JournalHeader.decode(file);
        Reading reading = new Reading(file, header.map(JournalHeader::epoch).orElse(""), records);
        reading.from(header.isPresent() ? JournalHeader.LENGTH : 0);
        JournalHeader next = header.filter(h -> reading.damaged == 0)
                .map(h -> h.afterRestart(reading.highestOffset))
                .orElseGet(JournalHeader::fresh);
        return new JournalScan(next, reading.readable, reading.damaged, reading.torn, reading.rejected);
    }

    /** Whether something that had been written cannot be read. */
    boolean isDamaged() {
        return damagedBytes > 0 || rejected > 0;
    }

    private static final class Reading {

        private final ByteBuffer file;
        private final String epoch;
        private final Consumer<JournalRecord> records;
        private long highestOffset;
        private int readable;
        private int damaged;
        private int torn;
        private int rejected;

        Reading(ByteBuffer file, String epoch, Consumer<JournalRecord> records) {
            this.file = file;
            this.epoch = epoch;
            this.records = records;
        }

        void from(int start) {
            int at = start;
            while (at < file.limit()) {
                OptionalInt length = JournalFormat.recordAt(file, at);
                if (length.isPresent()) {
                    add(file.slice(at, length.getAsInt()));
                    at += length.getAsInt();
                } else {
                    torn++;
                    at++;
                }
            }
        }

        private void add(ByteBuffer record) {
            damaged += torn;
            torn = 0;
            JournalFormat.read(record).ifPresentOrElse(this::read, () -> rejected++);
        }

        private void read(JournalRecord found) {
            readable++;
            if (found instanceof LogEntry entry && entry.position().epoch().equals(epoch)) {
                highestOffset = Math.max(highestOffset, entry.position().offset());
            }
            records.accept(found);
        }
    }
}
