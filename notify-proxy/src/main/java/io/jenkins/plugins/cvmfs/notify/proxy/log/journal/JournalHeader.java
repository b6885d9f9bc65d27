package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The first {@value #LENGTH} bytes of a journal: {@code CVMFSNJ1}, the next offset (8 bytes), the epoch (16 hex digits), the
 * CRC-32C of all that. Numbers are big-endian.
 *
 * @param epoch names the offsets this proxy gives out: 16 lower-case hex digits
 * @param nextOffset when the header was made, no entry of the epoch had this offset or a higher one
 */
record JournalHeader(String epoch, long nextOffset) {

    static final int LENGTH = 36;

    private static final byte[] MAGIC = "CVMFSNJ1".getBytes(US_ASCII);
    private static final long RESTART_GAP = 1L << 20;
    private static final int EPOCH_LENGTH = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** The header of a log that begins now. */
    static JournalHeader fresh() {
        byte[] epoch = new byte[EPOCH_LENGTH / 2];
        RANDOM.nextBytes(epoch);
        return new JournalHeader(HexFormat.of().formatHex(epoch), 1);
    }

    /**
     * The header to go on with after a restart. It leaves a gap behind the offsets of the entries: what was delivered while the
     * disk could not be written has used offsets of which the file knows nothing.
     *
     * @param highestOffset of the file's entries of this epoch
     */
    JournalHeader afterRestart(long highestOffset) {
        return new JournalHeader(epoch, Math.max(nextOffset, highestOffset + 1) + RESTART_GAP);
    }

    ByteBuffer encode() {
        ByteBuffer buffer = ByteBuffer.allocate(LENGTH);
        buffer.put(MAGIC).putLong(nextOffset).put(epoch.getBytes(US_ASCII));
        return buffer.putInt(checksum(buffer)).flip();
    }

    /** Empty if the bytes are not a whole header. */
    static Optional<JournalHeader> decode(ByteBuffer file) {
        if (file.limit() < LENGTH || !file.slice(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC))) {
            return Optional.empty();
        }
        byte[] epoch = new byte[EPOCH_LENGTH];
        file.get(MAGIC.length + Long.BYTES, epoch);
        JournalHeader header = new JournalHeader(new String(epoch, US_ASCII), file.getLong(MAGIC.length));
        return header.encode().equals(file.slice(0, LENGTH)) ? Optional.of(header) : Optional.empty();
    }

    private static int checksum(ByteBuffer buffer) {
        CRC32C crc = new CRC32C();
        crc.update(buffer.duplicate().flip());
        return (int) crc.getValue();
    }
}
