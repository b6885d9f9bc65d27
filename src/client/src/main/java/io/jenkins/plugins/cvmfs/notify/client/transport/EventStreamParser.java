package io.jenkins.plugins.cvmfs.notify.client.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Parses server-sent events as the HTML standard defines them, from bytes that may be cut anywhere. Fields other than {@code data} and
 * {@code id} are ignored. Not thread-safe.
 */
final class EventStreamParser {

    /** Receives events and comments, in order. */
    interface Sink {

        /**
         * A complete event.
         *
         * @param lastEventId its id, or that of an earlier one; null if there was none that a request can carry
         */
        void event(byte[] data, @Nullable String lastEventId);

        /** A comment, which servers send to show that they are alive. */
        void comment();
    }

    /** The ids that a header can carry. */
    private static final Pattern ID = Pattern.compile("[\\x20-\\x7e]{0,256}");

    private final int maxEventBytes;
    private final Sink sink;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private @Nullable String lastEventId;
    private boolean afterCarriageReturn;

    /** @param maxEventBytes the longest event and the longest line, in bytes */
    EventStreamParser(int maxEventBytes, Sink sink) {
        this.maxEventBytes = maxEventBytes;
        this.sink = sink;
    }

    /**
     * Parses the next bytes.
     *
     * @throws InvalidInputException if an event is too long; the parser cannot be used any more
     */
    void feed(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            byte next = bytes.get();
            boolean endsLineAlready = next == '\n' && afterCarriageReturn;
            afterCarriageReturn = next == '\r';
            if (endsLineAlready) {
                continue;
            }
            if (next == '\n' || next == '\r') {
                endLine();
            } else {
                line.write(next);
                requireRoom();
            }
        }
    }

    private void requireRoom() {
        if (line.size() + data.size() > maxEventBytes) {
            throw new InvalidInputException(
                    "the server sent an event of more than the %d bytes that are allowed".formatted(maxEventBytes));
        }
    }

    private void endLine() {
        byte[] text = line.toByteArray();
        line.reset();
        if (text.length == 0) {
            endEvent();
        } else if (text[0] == ':') {
            sink.comment();
        } else {
            field(text);
        }
    }

    private void field(byte[] text) {
        int colon = indexOfColon(text);
        int start = colon + 1 < text.length && text[colon + 1] == ' ' ? colon + 2 : Math.min(colon + 1, text.length);
        String name = new String(text, 0, colon, UTF_8);
        if (name.equals("data")) {
            data.write(text, start, text.length - start);
            data.write('\n');
        } else if (name.equals("id")) {
            lastEventId = usable(new String(text, start, text.length - start, UTF_8));
        }
    }

    /** Returns null for an id that no request can carry, because with it each reconnect would fail. */
    private static @Nullable String usable(String id) {
        return ID.matcher(id).matches() ? id : null;
    }

    /** Returns the end of the field's name; a line without a colon is only a name. */
    private static int indexOfColon(byte[] text) {
        int at = 0;
        while (at < text.length && text[at] != ':') {
            at++;
        }
        return at;
    }

    private void endEvent() {
        if (data.size() == 0) {
            return;
        }
        byte[] lines = data.toByteArray();
        data.reset();

        sink.event(Arrays.copyOf(lines, lines.length - 1), lastEventId);
    }
}
