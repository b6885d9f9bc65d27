package io.jenkins.plugins.cvmfs.notify.client.message;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.jenkins.plugins.cvmfs.notify.client.Mutations;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.MessageFormatException.Fault;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ActivityMessageTest {

    private static final String TEXT = """
            C0123456789abcdef0123456789abcdef01234567
            Rd41d8cd98f00b204e9800998ecf8427e
            D240
            S9223372036854775808
            Nsample.example.org
            """;

    /** A manifest whose signature has line breaks, a separator, zeros and bytes that are not UTF-8. */
    private static final byte[] PUBLISHED = (TEXT + "--\nhash\n\0\n--\n\u00ff\u00fe>?").getBytes(ISO_8859_1);

    private static final String BASE64 = Base64.getEncoder().encodeToString(PUBLISHED);
    private static final Instant NOW = Instant.parse("2026-11-03T04:05:06.789Z");

    private static final String GOLDEN =
            ("{ \"version\" : 1, \"timestamp\" : \"3 Nov 2026 04:05:06\", \"type\" : \"activity\","
                            + " \"repository\" : \"sample.example.org\", \"manifest\" : \"%s\"}")
                    .formatted(BASE64);

    @Test
    void whatIsWrittenIsByteForByteWhatTheCppPublisherWrites() {
        assertThat(ActivityMessage.announce(PUBLISHED, NOW).raw())
                .asString(UTF_8)
                .isEqualTo(GOLDEN);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-01-01T00:00:00Z, 1 Jan 2026 00:00:00", "2026-02-28T00:00:00Z, 28 Feb 2026 00:00:00",
        "2026-03-09T00:00:00Z, 9 Mar 2026 00:00:00", "2026-04-10T00:00:00Z, 10 Apr 2026 00:00:00",
        "2026-05-11T00:00:00Z, 11 May 2026 00:00:00", "2026-06-12T13:00:00Z, 12 Jun 2026 13:00:00",
        "2026-07-13T00:00:00Z, 13 Jul 2026 00:00:00", "2026-08-14T00:00:00Z, 14 Aug 2026 00:00:00",
        "2026-09-15T00:00:00Z, 15 Sep 2026 00:00:00", "2026-10-16T00:00:00Z, 16 Oct 2026 00:00:00",
        "2026-11-17T00:00:00Z, 17 Nov 2026 00:00:00", "2026-12-31T23:59:59.9Z, 31 Dec 2026 23:59:59"
    })
    void theTimestampIsEnglishWhateverTheRuntimesLocaleData(Instant now, String timestamp) {
        assertThat(ActivityMessage.announce(PUBLISHED, now).timestamp()).isEqualTo(timestamp);
    }

    @Test
    void whatIsWrittenIsReadBack() {
        ActivityMessage message =
                ActivityMessage.parse(ActivityMessage.announce(PUBLISHED, NOW).raw());

        assertThat(message.repository()).isEqualTo(new RepositoryName("sample.example.org"));
        assertThat(message.timestamp()).isEqualTo("3 Nov 2026 04:05:06");
        assertThat(message.revision()).hasToString("9223372036854775808");
        assertThat(message.manifestBytes()).isEqualTo(PUBLISHED);
        assertThat(message.manifest().repository()).isEqualTo(message.repository());
        assertThat(message).hasToString("sample.example.org revision 9223372036854775808");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"manifest\":\"M\",\"repository\":\"R\",\"type\":\"activity\",\"timestamp\":\"\",\"version\":1}",
                "\n\t {\"version\":2,\r\n\"timestamp\":\"gestern\",\"type\":\"activity\",\"repository\":\"R\",\"manifest\":\"M\"}\n",
                "{\"version\":1,\"timestamp\":\"x\",\"type\":\"activity\",\"repository\":\"R\",\"manifest\":\"M\","
                        + "\"extra\":{\"a\":[null,1.5,true]},\"ключ\":\"😀\"}",
                "{\"version\":-1,\"timestamp\":\"\\u0000\",\"type\":\"\\u0061ctivity\",\"repository\":\"R\",\"manifest\":\"M\"}"
            })
    void otherWritersOrdersAndUnknownKeysAreReadAndTheBytesAreKept(String json) {
        byte[] raw = json.replace("\"R\"", "\"sample.example.org\"")
                .replace("\"M\"", '"' + BASE64 + '"')
                .getBytes(UTF_8);

        ActivityMessage message = ActivityMessage.parse(raw);

        assertThat(message.repository()).hasToString("sample.example.org");
        assertThat(message.raw()).isEqualTo(raw);
    }

    @Test
    void theReplacementCharacterIsACharacterLikeOthers() {
        byte[] raw = GOLDEN.replace("3 Nov", "\uFFFD Nov").getBytes(UTF_8);

        assertThat(ActivityMessage.parse(raw).timestamp()).startsWith("\uFFFD Nov");
    }

    @Test
    void whatIsNotUtf8IsNotReplaced() {
        byte[] raw = GOLDEN.replace("3 Nov", "\u00ff Nov").getBytes(ISO_8859_1);

        assertThatThrownBy(() -> ActivityMessage.parse(raw)).hasMessage("message is not valid UTF-8");
    }

    @Test
    void bothAlphabetsOfBase64AreReadAlsoMixed() {
        assertThat(BASE64).contains("/", "+");
        String urlSafe = BASE64.replace('+', '-').replace('/', '_');
        String mixed = BASE64.replace('+', '-');

        assertThat(parse(GOLDEN.replace(BASE64, urlSafe)).manifestBytes()).isEqualTo(PUBLISHED);
        assertThat(parse(GOLDEN.replace(BASE64, mixed)).manifestBytes()).isEqualTo(PUBLISHED);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
                    '"version" : 1',            '"version" : "1"',      "field 'version': must be a whole number of 32 bits"
                    '"version" : 1',            '"version" : 1.5',      "field 'version': must be a whole number of 32 bits"
                    '"version" : 1',            '"version" : 4294967296', "field 'version': must be a whole number of 32 bits"
                    '"version" : 1',            '"version" : null',     "field 'version': must be a whole number of 32 bits"
                    '"version"',                '"Version"',            "field 'version': is missing"
                    '"timestamp" : "3 Nov 2026 04:05:06"', '"timestamp" : 3', "field 'timestamp': must be text"
                    '"timestamp"',              '"time"',               "field 'timestamp': is missing"
                    '"activity"',               '"Activity"',           'field ''type'': must be "activity"'
                    '"activity"',               'true',                 "field 'type': must be text"
                    '"sample.example.org"',     '"other.example.org"',  "field 'manifest': is of repository 'sample.example.org', the message of 'other.example.org'"
                    '"sample.example.org"',     '"a b"',                "field 'repository': repository name 'a b' has a character at position 2 that is not allowed"
                    '"sample.example.org"',     '["sample.example.org"]', "field 'repository': must be text"
                    '"manifest" :',             '"manifest" : "", "m" :', "field 'manifest': manifest has no line 'C'"
                    """, quoteCharacter = '\'')
    void aMessageOfTheWrongShapeIsRefusedWithTheField(String good, String bad, String problem) {
        assertThat(GOLDEN).contains(good);

        MessageFormatException e =
                catchThrowableOfType(MessageFormatException.class, () -> parse(GOLDEN.replace(good, bad)));

        assertThat(e.fault()).isEqualTo(Fault.WRONG_SHAPE);
        assertThat(e).hasMessageStartingWith(problem.replaceAll("^\"|\"$", ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"QUJD=", "QUI", "QU JD", "QUJD\\n", "QU\\nJ", "Q===", "====", "QQ==QUJD", "QUJ*", "QUJ\u00e4"})
    void base64ThatACppReaderCannotReadIsRefused(String base64) {
        MessageFormatException e =
                catchThrowableOfType(MessageFormatException.class, () -> parse(GOLDEN.replace(BASE64, base64)));

        assertThat(e.fault()).isEqualTo(Fault.WRONG_SHAPE);
        assertThat(e).hasMessageStartingWith("field 'manifest': ").hasMessageContaining("base64");
    }

    @Test
    void aManifestThatCannotBeReadIsRefusedWithItsLine() {
        String base64 =
                Base64.getEncoder().encodeToString(TEXT.replace("D240", "Dx").getBytes(ISO_8859_1));

        assertThatThrownBy(() -> parse(GOLDEN.replace(BASE64, base64)))
                .isInstanceOf(MessageFormatException.class)
                .hasMessageStartingWith("field 'manifest': line 3: field D: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "1", "\"activity\"", "null", "true"})
    void jsonThatIsNoObjectIsOfTheWrongShape(String json) {
        assertThat(faultOf(json.getBytes(UTF_8))).isEqualTo(Fault.WRONG_SHAPE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "{]",
                "{}x",
                "{} {}",
                "{\"a\":1,\"a\":1}",
                "{'a':1}",
                "{\"a\":NaN}",
                "{\"a\":01}",
                "\ufeff{}",
                "{\"a\":\"\n\"}",
                "{}\0"
            })
    void bytesThatAreNoJsonDocumentAreToldApart(String json) {
        assertThat(faultOf(json.getBytes(UTF_8))).isEqualTo(Fault.NOT_JSON);
    }

    @Test
    void bytesThatAreNotUtf8AreNoJson() {
        assertThat(faultOf("{\"a\":\"\u00ff\"}".getBytes(ISO_8859_1))).isEqualTo(Fault.NOT_JSON);
        assertThat(faultOf("{\"a\":\"\u00c0\u0080\"}".getBytes(ISO_8859_1))).isEqualTo(Fault.NOT_JSON);
        assertThat(faultOf("{\"a\":\"\u00ed\u00a0\u0080\"}".getBytes(ISO_8859_1)))
                .isEqualTo(Fault.NOT_JSON);
    }

    @Test
    void aMessageMayHaveExactlyTheLimitAndNoByteMore() {
        String padded = GOLDEN + " ".repeat(ActivityMessage.MAX_BYTES - GOLDEN.length());

        assertThat(parse(padded).raw()).hasSize(ActivityMessage.MAX_BYTES);
        assertThat(faultOf((padded + " ").getBytes(UTF_8))).isEqualTo(Fault.TOO_LARGE);
    }

    @Test
    void aManifestMayHaveExactlyTheLimitAndNoByteMore() {
        byte[] longest = (TEXT + "--\n" + "x".repeat(ActivityMessage.MAX_MANIFEST_BYTES - TEXT.length() - 3))
                .getBytes(ISO_8859_1);
        assertThat(ActivityMessage.parse(ActivityMessage.announce(longest, NOW).raw())
                        .manifestBytes())
                .hasSize(ActivityMessage.MAX_MANIFEST_BYTES);

        byte[] longer = Arrays.copyOf(longest, longest.length + 1);

        assertThatThrownBy(() -> ActivityMessage.announce(longer, NOW))
                .isInstanceOf(MessageFormatException.class)
                .hasMessage("field 'manifest': has 65537 bytes, allowed are 65536");
    }

    @Test
    void aManifestWithoutANameCannotBeAnnouncedButIsReadFromOthers() {
        byte[] nameless = TEXT.replaceAll("N.*\n", "").getBytes(ISO_8859_1);

        assertThatThrownBy(() -> ActivityMessage.announce(nameless, NOW))
                .isInstanceOf(MessageFormatException.class)
                .hasMessageContaining("'N'");
        String message = GOLDEN.replace(BASE64, Base64.getEncoder().encodeToString(nameless));
        assertThat(parse(message).repository()).hasToString("sample.example.org");
    }

    @Test
    void deepNestingAndHugeNumbersAreRefusedAndDoNotOverflow() {
        int depth = ActivityMessage.MAX_BYTES / 2;
        assertThat(faultOf(("[".repeat(depth) + "]".repeat(depth)).getBytes(UTF_8)))
                .isEqualTo(Fault.NOT_JSON);
        assertThat(faultOf("{\"a\":".repeat(20_000).getBytes(UTF_8))).isEqualTo(Fault.NOT_JSON);
        assertThat(faultOf(("{\"version\":" + "9".repeat(100_000) + "}").getBytes(UTF_8)))
                .isEqualTo(Fault.NOT_JSON);
        assertThat(faultOf("{\"version\":1e999999999}".getBytes(UTF_8))).isEqualTo(Fault.WRONG_SHAPE);
    }

    @Test
    void damagedMessagesAreReadOrRefusedWithAShortSentence() {
        int read = 0;
        for (byte[] damaged : Mutations.of(GOLDEN.getBytes(UTF_8), 20_000, 3)) {
            try {
                assertThat(ActivityMessage.parse(damaged).raw()).isEqualTo(damaged);
                read++;
            } catch (MessageFormatException e) {
                assertThat(e.getMessage()).matches("\\P{Cntrl}{1,400}");
            }
        }
        assertThat(read).as("both outcomes occur").isBetween(100, Mutations.times(19_900));
    }

    private static Fault faultOf(byte[] raw) {
        return catchThrowableOfType(MessageFormatException.class, () -> ActivityMessage.parse(raw))
                .fault();
    }

    private static ActivityMessage parse(String json) {
        return ActivityMessage.parse(json.getBytes(UTF_8));
    }
}
