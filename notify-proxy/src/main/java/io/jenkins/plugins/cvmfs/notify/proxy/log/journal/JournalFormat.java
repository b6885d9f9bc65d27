package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.message.MessageFormatException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * The bytes of the journal's file: a {@link Header}, then records. A record is a mark (4 bytes), the body's length (4), the body's
 * CRC-32C (4), the body. The body is when it was accepted (8, milliseconds since 1970), the publish's id (16, zeros if none), the offset
 * (8), the length of the epoch (1), the epoch, the message's bytes to the end. Numbers are big-endian. That a repository was forgotten is
 * written in the same way: without id and epoch, and with the bytes of {@link Forgotten} in place of the message.
 */
final class JournalFormat {

    /** Where a record may begin, so that a reader finds the next one behind damaged bytes. */
    private static final int MARK = 0xC7_4E_52_0A;

    private static final UUID NO_ID = new UUID(0, 0);
    private static final int PREFIX = 3 * Integer.BYTES;

    private static final int BODY_PREFIX = 4 * Long.BYTES + 1;
    private static final int LONGEST_EPOCH = 32;
    private static final int LONGEST_BODY = BODY_PREFIX + LONGEST_EPOCH + ActivityMessage.MAX_BYTES;

    private JournalFormat() {}

    /** A record of a journal: a repository was announced, or it was forgotten. */
    sealed interface JournalRecord permits LogEntry, Forgotten {}

    /** Encodes these records, one behind the other. */
    static ByteBuffer encode(List<? extends JournalRecord> records) {
        ByteBuffer bytes = ByteBuffer.allocate(
                records.stream().mapToInt(JournalFormat::length).sum());
        records.forEach(each -> write(each, bytes));
        return bytes.flip();
    }

    private static int length(JournalRecord each) {
        return PREFIX
                + BODY_PREFIX
                + (each instanceof LogEntry entry
                        ? entry.position().epoch().length() + entry.body().length
                        : ((Forgotten) each).toBytes().length);
    }

    private static void write(JournalRecord each, ByteBuffer into) {
        int start = into.position();
        into.position(start + PREFIX);
        if (each instanceof LogEntry entry) {
            LogPosition position = entry.position();
            UUID id = entry.id().orElse(NO_ID);
            writeBody(entry.announcedAt(), id, position.offset(), position.epoch(), entry.body(), into);
        } else if (each instanceof Forgotten forgotten) {
            writeBody(forgotten.at(), NO_ID, 0, "", forgotten.toBytes(), into);
        }
        int bodyLength = into.position() - start - PREFIX;
        into.putInt(start, MARK)
                .putInt(start + 4, bodyLength)
                .putInt(start + 8, checksum(into.slice(start + PREFIX, bodyLength)));
    }

    private static void writeBody(Instant at, UUID id, long offset, String epoch, byte[] message, ByteBuffer into) {
        into.putLong(at.toEpochMilli())
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .putLong(offset)
                .put((byte) epoch.length())
                .put(epoch.getBytes(US_ASCII))
                .put(message);
    }

    /** The length of the whole, undamaged record that begins at this place of the file; empty if there is none. */
    static OptionalInt recordAt(ByteBuffer file, int start) {
        if (file.limit() - start < PREFIX + BODY_PREFIX || file.getInt(start) != MARK) {
            return OptionalInt.empty();
        }
        int bodyLength = file.getInt(start + 4);
        boolean fits =
                bodyLength >= BODY_PREFIX && bodyLength <= LONGEST_BODY && bodyLength <= file.limit() - start - PREFIX;
        return fits && checksum(file.slice(start + PREFIX, bodyLength)) == file.getInt(start + 8)
                ? OptionalInt.of(PREFIX + bodyLength)
                : OptionalInt.empty();
    }

    /** Reads an undamaged record; empty if what it holds is nothing that this version accepts. */
    static Optional<? extends JournalRecord> read(ByteBuffer record) {
        ByteBuffer body = record.slice(PREFIX, record.limit() - PREFIX);
        Optional<Instant> announcedAt = LogEntry.Recency.time(body.getLong());
        UUID id = new UUID(body.getLong(), body.getLong());
        long offset = body.getLong();
        byte[] epoch = new byte[Math.min(Byte.toUnsignedInt(body.get()), body.remaining())];
        body.get(epoch);
        byte[] message = new byte[body.remaining()];
        body.get(message);
        if (epoch.length == 0) {
            return announcedAt.flatMap(time -> Forgotten.parse(message, time, null));
        }
        Optional<LogPosition> position = LogPosition.parse(new String(epoch, US_ASCII) + ":" + offset);
        return position.isEmpty() || announcedAt.isEmpty()
                ? Optional.empty()
                : parse(message)
                        .map(parsed -> new Announcement(parsed, position.get(), announcedAt.get()))
                        .map(announcement -> new LogEntry(announcement, id.equals(NO_ID) ? null : id));
    }

    private static Optional<ActivityMessage> parse(byte[] message) {
        try {
            return Optional.of(ActivityMessage.parse(message));
        } catch (MessageFormatException stricterThanItsWriter) {
            return Optional.empty();
        }
    }

    private static int checksum(ByteBuffer body) {
        CRC32C crc = new CRC32C();
        crc.update(body);
        return (int) crc.getValue();
    }

    /**
     * The first {@value #LENGTH} bytes of a journal: {@code CVMFSNJ1}, the next offset (8 bytes), the epoch (16 hex digits), the
     * CRC-32C of all that. Numbers are big-endian.
     *
     * @param epoch names the offsets that this proxy assigns: 16 lower-case hex digits
     * @param nextOffset when the header was made, no entry of the epoch had this offset or a higher one
     */
    record Header(String epoch, long nextOffset) {

        static final int LENGTH = 36;

        private static final byte[] MAGIC = "CVMFSNJ1".getBytes(US_ASCII);
        private static final long RESTART_GAP = 1L << 20;
        private static final int EPOCH_LENGTH = 16;
        private static final SecureRandom RANDOM = new SecureRandom();

        /** Returns the header of a log that begins now. */
        static Header fresh() {
            byte[] epoch = new byte[EPOCH_LENGTH / 2];
            RANDOM.nextBytes(epoch);
            return new Header(HexFormat.of().formatHex(epoch), 1);
        }

        /**
         * Returns the header to continue with after a restart. It leaves a gap behind the offsets of the entries: what was delivered while the
         * disk could not be written has used offsets of which the file knows nothing.
         *
         * @param highestOffset of the file's entries of this epoch
         */
        Header afterRestart(long highestOffset) {
            return new Header(epoch, Math.max(nextOffset, highestOffset + 1) + RESTART_GAP);
        }

        ByteBuffer encode() {
            ByteBuffer buffer = ByteBuffer.allocate(LENGTH);
            buffer.put(MAGIC).putLong(nextOffset).put(epoch.getBytes(US_ASCII));
            return buffer.putInt(checksum(buffer.duplicate().flip())).flip();
        }

        /** Empty if the bytes are not a whole header. */
        static Optional<Header> decode(ByteBuffer file) {
            if (file.limit() < LENGTH || !file.slice(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC))) {
                return Optional.empty();
            }
            byte[] epoch = new byte[EPOCH_LENGTH];
            file.get(MAGIC.length + Long.BYTES, epoch);
            Header header = new Header(new String(epoch, US_ASCII), file.getLong(MAGIC.length));
            return header.encode().equals(file.slice(0, LENGTH)) ? Optional.of(header) : Optional.empty();
        }
    }

    /**
     * The result of reading a journal's file, in whatever state it is. Bytes that are no undamaged record are skipped up to the next one
     * that is.
     *
     * @param header the header to continue with: the file's own, or after damage that of a new epoch, because offsets which the old
     *     one assigned may be lost
     * @param readable how many records could be read
     * @param damagedBytes bytes skipped in front of a readable record: the disk changed what had been written
     * @param tornBytes unreadable bytes at the end: a write that a crash cut off, which was not acknowledged
     * @param rejected undamaged records whose message this version does not accept
     */
    record Scan(Header header, int readable, int damagedBytes, int tornBytes, int rejected) {

        /**
         * Reads a whole file; an empty one is a journal that begins now.
         *
         * @param records takes every readable record, in the file's order
         */
        static Scan of(ByteBuffer file, Consumer<JournalRecord> records) {
            Optional<Header> header = Header.decode(file);
            Reading reading = new Reading(file, header.map(Header::epoch).orElse(""), records);
            reading.from(header.isPresent() ? Header.LENGTH : 0);
            Header next = header.filter(h -> reading.damaged == 0)
                    .map(h -> h.afterRestart(reading.highestOffset))
                    .orElseGet(Header::fresh);
            return new Scan(next, reading.readable, reading.damaged, reading.torn, reading.rejected);
        }

        /** Returns whether something that had been written cannot be read. */
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
                    OptionalInt length = recordAt(file, at);
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
                JournalFormat.read(record).ifPresentOrElse(this::accept, () -> rejected++);
            }

            private void accept(JournalRecord found) {
                readable++;
                if (found instanceof LogEntry entry && entry.position().epoch().equals(epoch)) {
                    highestOffset = Math.max(highestOffset, entry.position().offset());
                }
                records.accept(found);
            }
        }
    }
}
