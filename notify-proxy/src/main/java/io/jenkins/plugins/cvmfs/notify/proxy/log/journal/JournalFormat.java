package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.message.MessageFormatException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One entry in the journal's file: a mark (4 bytes), the body's length (4), the body's CRC-32C (4), the body. The body: when it
 * was accepted (8, milliseconds since 1970), the publish's id (16, zeros if none), the offset (8), the length of the epoch (1),
 * the epoch, the message's bytes to the end. Numbers are big-endian. That a
 * repository was forgotten stands there in the same way: no id, no epoch, and in place of the message the bytes of {@link Forgotten}.
 */
final class JournalFormat {

    /** Where a record may begin, so that a reader finds the next one behind damaged bytes. */
    private static final int MARK = 0xC7_4E_52_0A;

    private static final int PREFIX = 3 * Integer.BYTES;

    private static final int BODY_PREFIX = 4 * Long.BYTES + 1;
    private static final int LONGEST_EPOCH = 32;
    private static final int LONGEST_BODY = BODY_PREFIX + LONGEST_EPOCH + ActivityMessage.MAX_BYTES;

    private JournalFormat() {}

    /** These records, one behind the other. */
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
                        ? entry.announcement().position().epoch().length()
                                + entry.announcement().message().raw().length
                        : ((Forgotten) each).toBytes().length);
    }

    private static void write(JournalRecord each, ByteBuffer into) {
        int start = into.position();
        into.position(start + PREFIX);
        if (each instanceof LogEntry entry) {
            writeBody(entry, into);
        } else {
            writeBody((Forgotten) each, into);
        }
        int bodyLength = into.position() - start - PREFIX;
        into.putInt(start, MARK)
                .putInt(start + 4, bodyLength)
                .putInt(start + 8, checksum(into.slice(start + PREFIX, bodyLength)));
    }

    private static void writeBody(LogEntry entry, ByteBuffer into) {
        LogPosition position = entry.announcement().position();
        UUID id = entry.id().orElse(new UUID(0, 0));
        into.putLong(entry.announcedAt().toEpochMilli())
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .putLong(position.offset())
                .put((byte) position.epoch().length())
                .put(position.epoch().getBytes(US_ASCII))
                .put(entry.announcement().message().raw());
    }

    private static void writeBody(Forgotten forgotten, ByteBuffer into) {
        into.putLong(forgotten.at().toEpochMilli())
                .putLong(0)
                .putLong(0)
                .putLong(0)
                .put((byte) 0)
                .put(forgotten.toBytes());
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
    static Optional<JournalRecord> read(ByteBuffer record) {
        ByteBuffer body = record.slice(PREFIX, record.limit() - PREFIX);
        Optional<Instant> announcedAt = Recency.time(body.getLong());
        UUID id = new UUID(body.getLong(), body.getLong());
        long offset = body.getLong();
        byte[] epoch = new byte[Math.min(Byte.toUnsignedInt(body.get()), body.remaining())];
        body.get(epoch);
        byte[] message = new byte[body.remaining()];
        body.get(message);
        if (epoch.length == 0) {
            return announcedAt.flatMap(time -> Forgotten.parse(message, time)).map(JournalRecord.class::cast);
        }
        Optional<LogPosition> position = LogPosition.parse(new String(epoch, US_ASCII) + ":" + offset);
        return position.isEmpty() || announcedAt.isEmpty()
                ? Optional.empty()
                : parse(message)
                        .map(parsed -> new Announcement(parsed, position.get(), announcedAt.get()))
                        .map(announcement -> new LogEntry(announcement, nullIfNone(id)));
    }

    private static Optional<ActivityMessage> parse(byte[] message) {
        try {
            return Optional.of(ActivityMessage.parse(message));
        } catch (MessageFormatException stricterThanItsWriter) {
            return Optional.empty();
        }
    }

    private static @Nullable UUID nullIfNone(UUID id) {
        return id.equals(new UUID(0, 0)) ? null : id;
    }

    private static int checksum(ByteBuffer body) {
        CRC32C crc = new CRC32C();
        crc.update(body);
        return (int) crc.getValue();
    }
}
