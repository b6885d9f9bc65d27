package io.jenkins.plugins.cvmfs.notify.client.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.Mutations;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventStreamParserTest {

    private static final int LIMIT = 1000;

    /** Records events and comments. */
    private static final class Notes implements EventStreamParser.Sink {

        final List<String> lines = new ArrayList<>();

        @Override
        public void event(byte[] data, @Nullable String lastEventId) {
            assertThat(data.length).isLessThanOrEqualTo(LIMIT);
            lines.add("%s id=%s".formatted(new String(data, UTF_8), lastEventId));
        }

        @Override
        public void comment() {
            lines.add("comment");
        }
    }

    private static List<String> read(byte[]... pieces) {
        Notes notes = new Notes();
        EventStreamParser parser = new EventStreamParser(LIMIT, notes);
        for (byte[] piece : pieces) {
            parser.feed(ByteBuffer.wrap(piece));
        }
        return notes.lines;
    }

    private static List<String> read(String stream) {
        return read(stream.getBytes(UTF_8));
    }

    @Test
    void anEventIsTheDataBetweenTwoBlankLines() {
        assertThat(read("data: {\"a\":1}\n\ndata: b\n\n")).containsExactly("{\"a\":1} id=null", "b id=null");
    }

    @Test
    void anEventWithoutItsBlankLineIsIncomplete() {
        assertThat(read("data: a\n")).isEmpty();
    }

    @Test
    void severalDataLinesAreOneEventOfSeveralLines() {
        assertThat(read("data: a\ndata:b\ndata\ndata:  c\n\n")).containsExactly("a\nb\n\n c id=null");
    }

    @Test
    void anIdStaysUntilThereIsAnother() {
        assertThat(read("data: a\nid: e:1\n\ndata: b\n\nid\ndata: c\n\n"))
                .containsExactly("a id=e:1", "b id=e:1", "c id=");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u00e9", "\0", "a\tb", "\u007f"})
    void anIdThatNoHeaderCanCarryIsIgnored(String id) {
        assertThat(read("id: 1\ndata: a\n\nid: " + id + "\ndata: b\n\n")).containsExactly("a id=1", "b id=null");
    }

    @Test
    void anIdThatIsTooLongForAHeaderIsIgnored() {
        assertThat(read("id: " + "1".repeat(257) + "\ndata: a\n\n")).containsExactly("a id=null");
    }

    @Test
    void commentsAndOtherFieldsAreNoEvents() {
        assertThat(read(":\n\n: alive\nretry: 1000\nevent: x\nunknown\n\ndata: a\n\n"))
                .containsExactly("comment", "comment", "a id=null");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r", "\r\n"})
    void aLineEndsInAnyOfThreeWays(String end) {
        assertThat(read("data: a" + end + "data: b" + end + end + "data: c" + end + end))
                .containsExactly("a\nb id=null", "c id=null");
    }

    @ParameterizedTest
    @CsvSource({"1000, true", "1001, false"})
    void anEventMayBeAsLongAsTheLimitAndNoLonger(int length, boolean taken) {
        String line = "x".repeat(length);

        if (taken) {
            assertThat(read(line + "\n\ndata: a\n\n")).containsExactly("a id=null");
        } else {
            assertThatThrownBy(() -> read(line))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("1000 bytes");
        }
    }

    @Test
    void anEventOfManyLinesIsBoundedToo() {
        assertThatThrownBy(() -> read("data:x\n".repeat(600)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("1000 bytes");
    }

    @Test
    void damagedStreamsGiveTheSameEventsWhereverTheyAreCut() {
        byte[] good = ("data: {\"version\" : 1}\nid: e:1\n\n: comment\r\n\rretry: 5\ndata\ndata:\u00e9\r\n\r\n"
                        + "id:2\ndata:  x\n\n")
                .getBytes(UTF_8);
        Random random = new Random(9);
        int events = 0;
        for (byte[] damaged : Mutations.of(good, 20_000, 9)) {
            List<String> whole = read(damaged);

            assertThat(read(cut(damaged, random))).isEqualTo(whole);
            events += whole.size();
        }
        assertThat(events).isGreaterThan(20_000);
    }

    private static byte[][] cut(byte[] bytes, Random random) {
        List<byte[]> pieces = new ArrayList<>();
        for (int from = 0; from < bytes.length; ) {
            int to = Math.min(bytes.length, from + 1 + random.nextInt(12));
            pieces.add(Arrays.copyOfRange(bytes, from, to));
            from = to;
        }
        return pieces.toArray(byte[][]::new);
    }
}
