package io.jenkins.plugins.cvmfs.notify.client.manifest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The file format of manifests and whitelists: lines of text, {@code --}, a line with the hash of the text, then the raw
 * signature up to the end. Every byte is kept; the text is read as ISO 8859-1, in which every byte is a character. Immutable.
 */
public final class SignedText {

    private static final byte[] SEPARATOR = {'-', '-', '\n'};

    private final byte[] bytes;
    private final int textLength;

    private SignedText(byte[] bytes, int textLength) {
        this.bytes = bytes;
        this.textLength = textLength;
    }

    /** Finds the separator. Without one the whole text is unsigned. */
    public static SignedText parse(byte[] bytes) {
        byte[] own = bytes.clone();
        return new SignedText(own, textLength(own));
    }

    /** Joins text, hash and signature. */
    public static SignedText of(String text, String hash, byte[] signature) {
        byte[] head = (text + "--\n" + hash + "\n").getBytes(ISO_8859_1);
        byte[] all = Arrays.copyOf(head, head.length + signature.length);
        System.arraycopy(signature, 0, all, head.length, signature.length);
        return new SignedText(all, textLength(all));
    }

    private static int textLength(byte[] bytes) {
        for (int lineStart = 0; lineStart < bytes.length; lineStart = afterNewline(bytes, lineStart)) {
            int end = Math.min(bytes.length, lineStart + SEPARATOR.length);
            if (Arrays.equals(bytes, lineStart, end, SEPARATOR, 0, SEPARATOR.length)) {
                return lineStart;
            }
        }
        return bytes.length;
    }

    private static int afterNewline(byte[] bytes, int from) {
        int at = from;
        while (at < bytes.length && bytes[at] != '\n') {
            at++;
        }
        return at + 1;
    }

    /** Returns the signed bytes: everything up to and including the line break before {@code --}. */
    public byte[] text() {
        return Arrays.copyOf(bytes, textLength);
    }

    /**
     * Returns the text's lines, without their line breaks. Only {@code \n} ends a line. What follows the last {@code \n} is
     * ignored: a truncated text must not end in a smaller number.
     */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        int start = 0;
        for (int next = afterNewline(bytes, start); next <= textLength; next = afterNewline(bytes, start)) {
            lines.add(new String(bytes, start, next - 1 - start, ISO_8859_1));
            start = next;
        }
        return lines;
    }

    /** Returns the line after {@code --}, which should be the hash of {@link #text()}; empty if the text is unsigned. */
    public Optional<String> hashLine() {
        int start = textLength + SEPARATOR.length;
        if (start > bytes.length) {
            return Optional.empty();
        }
        int end = Math.min(bytes.length, afterNewline(bytes, start) - 1);
        return Optional.of(new String(bytes, start, end - start, ISO_8859_1));
    }

    /** Returns the raw bytes after the hash line; empty if there are none. */
    public byte[] signature() {
        int start = Math.min(bytes.length, textLength + SEPARATOR.length);
        int from = Math.min(bytes.length, afterNewline(bytes, start));
        return Arrays.copyOfRange(bytes, from, bytes.length);
    }

    /** Returns the whole file, unchanged. */
    public byte[] bytes() {
        return bytes.clone();
    }
}
