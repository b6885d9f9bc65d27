package io.jenkins.plugins.cvmfs.notify.client.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.jenkins.plugins.cvmfs.notify.client.Mutations;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.MessageFormatException.Fault;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SubscribeMessageTest {

    private static final SubscribeMessage SAMPLE = new SubscribeMessage(new RepositoryName("sample.example.org"));
    private static final String GOLDEN = "{\"version\":1,\"repository\":\"sample.example.org\"}";

    @Test
    void whatIsWrittenIsByteForByteWhatTheCppClientsSend() {
        assertThat(SAMPLE.toBytes()).asString(UTF_8).isEqualTo(GOLDEN);
        assertThat(SubscribeMessage.parse(SAMPLE.toBytes())).isEqualTo(SAMPLE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                " {\n\"repository\" : \"sample.example.org\" ,\r\n\t\"version\" : 1 } ",
                "{\"version\":2,\"repository\":\"sample.example.org\",\"after\":7}"
            })
    void otherWritersAndUnknownKeysAreRead(String json) {
        assertThat(SubscribeMessage.parse(json.getBytes(UTF_8))).isEqualTo(SAMPLE);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
                    {"version":1};                          WRONG_SHAPE; field 'repository': is missing
                    {"repository":"a"};                     WRONG_SHAPE; field 'version': is missing
                    {"version":"1","repository":"a"};       WRONG_SHAPE; field 'version': must be a whole number
                    {"version":1,"repository":7};           WRONG_SHAPE; field 'repository': must be text
                    {"version":1,"repository":"../etc"};    WRONG_SHAPE; field 'repository': repository name
                    ["version",1];                          WRONG_SHAPE; message is JSON, but not an object
                    {"version":1,"repository":"a";          NOT_JSON;    message is not valid JSON
                    hello;                                  NOT_JSON;    message is not valid JSON
                    """)
    void anythingElseIsRefusedWithTheFault(String json, Fault fault, String problem) {
        MessageFormatException e =
                catchThrowableOfType(MessageFormatException.class, () -> SubscribeMessage.parse(json.getBytes(UTF_8)));

        assertThat(e.fault()).isEqualTo(fault);
        assertThat(e).hasMessageStartingWith(problem);
    }

    @Test
    void theLengthIsLimited() {
        String padded = GOLDEN + " ".repeat(SubscribeMessage.MAX_BYTES - GOLDEN.length());

        assertThat(SubscribeMessage.parse(padded.getBytes(UTF_8))).isEqualTo(SAMPLE);
        MessageFormatException e = catchThrowableOfType(
                MessageFormatException.class, () -> SubscribeMessage.parse((padded + " ").getBytes(UTF_8)));
        assertThat(e.fault()).isEqualTo(Fault.TOO_LARGE);
        assertThat(e).hasMessage("message has 4097 bytes, allowed are 4096");
    }

    @Test
    void damagedSubscriptionsAreReadOrRefusedWithAShortSentence() {
        int read = 0;
        for (byte[] damaged : Mutations.of(GOLDEN.getBytes(UTF_8), 20_000, 4)) {
            try {
                SubscribeMessage subscription = SubscribeMessage.parse(damaged);
                assertThat(SubscribeMessage.parse(subscription.toBytes())).isEqualTo(subscription);
                read++;
            } catch (MessageFormatException e) {
                assertThat(e.getMessage()).matches("\\P{Cntrl}{1,400}");
            }
        }
        assertThat(read).as("both outcomes occur").isBetween(100, Mutations.times(19_900));
    }
}
