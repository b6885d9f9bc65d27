package io.jenkins.plugins.cvmfs.notify.client.manifest;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The {@code <letter><value>} lines of a manifest, by letter; the last of several equal letters wins. */
final class ManifestLines {

    /** Beyond the year 9999 no timestamp is meant seriously; it also keeps {@code Instant} and {@code Duration} in range. */
    private static final long MAX_SECONDS = 253_402_300_799L;

    private static final int MD5_DIGITS = 32;

    private record Line(int number, String value) {}

    private final Map<Character, Line> byLetter;

    private ManifestLines(Map<Character, Line> byLetter) {
        this.byLetter = byLetter;
    }

    static ManifestLines of(SignedText signed) {
        List<String> lines = signed.lines();
        Map<Character, Line> byLetter = new HashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (!line.isEmpty()) {
                byLetter.put(line.charAt(0), new Line(i + 1, line.substring(1)));
            }
        }
        return new ManifestLines(byLetter);
    }

    <T> T required(char letter, Function<String, T> reader) {
        T value = optional(letter, reader);
        if (value == null) {
            throw new ManifestFormatException(0, "manifest has no line '%c'".formatted(letter));
        }
        return value;
    }

    <T> T optional(char letter, Function<String, T> reader, T absent) {
        T value = optional(letter, reader);
        return value == null ? absent : value;
    }

    <T> @Nullable T optional(char letter, Function<String, T> reader) {
        Line line = byLetter.get(letter);
        if (line == null) {
            return null;
        }
        try {
            return reader.apply(line.value());
        } catch (InvalidInputException e) {
            throw new ManifestFormatException(line.number(), "field %c: %s".formatted(letter, e.getMessage()));
        }
    }

    static long unsigned(String text) {
        return Revision.parse(text).bits();
    }

    static long seconds(String text) {
        long seconds = unsigned(text);
        if (Long.compareUnsigned(seconds, MAX_SECONDS) > 0) {
            throw new InvalidInputException("%s seconds are more than %d".formatted(Excerpt.of(text), MAX_SECONDS));
        }
        return seconds;
    }

    static String md5(String text) {
        if (!ContentHash.isLowerCaseHex(text, MD5_DIGITS)) {
            throw new InvalidInputException("'%s' is not 32 lower-case hexadecimal digits".formatted(Excerpt.of(text)));
        }
        return text;
    }
}
