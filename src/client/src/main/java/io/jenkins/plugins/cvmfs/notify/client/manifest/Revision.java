package io.jenkins.plugins.cvmfs.notify.client.manifest;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;

/**
 * A repository's revision: an unsigned 64-bit number that grows by at least one with each publish. A lower revision after
 * a higher one means that the repository was rolled back.
 *
 * @param bits the number's 64 bits, to be read as unsigned
 */
public record Revision(long bits) implements Comparable<Revision> {

    /** The lowest revision. A repository just made by {@code cvmfs_server mkfs} has revision 1. */
    public static final Revision ZERO = new Revision(0);

    /**
     * Reads a decimal number from 0 to 18446744073709551615.
     *
     * @throws InvalidInputException if the text is anything else
     */
    public static Revision parse(String text) {
        if (!isDecimal(text)) {
            throw new InvalidInputException("revision '%s' is not a decimal number".formatted(Excerpt.of(text)));
        }
        try {
            return new Revision(Long.parseUnsignedLong(text));
        } catch (NumberFormatException tooLarge) {
            throw new InvalidInputException(
                    "revision '%s' is above the largest, 18446744073709551615".formatted(Excerpt.of(text)), tooLarge);
        }
    }

    private static boolean isDecimal(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return !text.isEmpty();
    }

    /** Returns true if this revision is higher than the other. */
    public boolean isNewerThan(Revision other) {
        return compareTo(other) > 0;
    }

    @Override
    public int compareTo(Revision other) {
        return Long.compareUnsigned(bits, other.bits);
    }

    @Override
    public String toString() {
        return Long.toUnsignedString(bits);
    }
}
