package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP.BasicProperties;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessagePropertiesTest {

    @Test
    void whatOneProxySaysAnotherReads() {
        MessageProperties label = MessageProperties.announcement(
                new UUID(1, 2), Instant.parse("2026-11-03T21:13:15.123Z"), Optional.of("afe846e9126e1e0c"));

        assertThat(MessageProperties.of(label.toProperties())).isEqualTo(label);
        assertThat(MessageProperties.of(label.asCopy().toProperties())).isEqualTo(label.asCopy());
    }

    /** An epoch becomes part of the id line of event streams, so a line break in it would forge further lines. */
    @ParameterizedTest
    @ValueSource(strings = {"", "a\ndata: forged", "UPPER", "a:b", "123456789012345678901234567890123"})
    void anEpochThatIsNoneIsNotRead(String epoch) {
        BasicProperties properties = new BasicProperties.Builder()
                .appId("cvmfs-notify")
                .headers(Map.of("x-cvmfs-notify-epoch", epoch))
                .build();

        assertThat(MessageProperties.of(properties).epochOrNull()).isNull();
    }

    /** The next announcement of the repository gets a later one, which must still be a time. */
    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, 253_402_300_800_000L, Long.MAX_VALUE})
    void aTimeThatNobodyCanMeanIsNotRead(long millis) {
        BasicProperties properties = new BasicProperties.Builder()
                .appId("cvmfs-notify")
                .headers(Map.of("x-cvmfs-notify-announced-at", millis))
                .build();

        assertThat(MessageProperties.of(properties).announcedAtOrNull()).isNull();
    }

    @Test
    void fromOtherProgramsOnlyTheTimeCounts() {
        BasicProperties properties = new BasicProperties.Builder()
                .messageId(new UUID(1, 2).toString())
                .headers(Map.of("x-cvmfs-notify-epoch", "abc"))
                .build();

        MessageProperties label = MessageProperties.of(properties);

        assertThat(label).isEqualTo(new MessageProperties(null, null, null, false, null));
    }
}
