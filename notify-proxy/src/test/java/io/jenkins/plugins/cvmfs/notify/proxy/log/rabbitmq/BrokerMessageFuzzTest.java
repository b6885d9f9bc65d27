package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP.BasicProperties;
import io.jenkins.plugins.cvmfs.notify.proxy.abuse.Fuzz;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.PeerSync.Digest;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A program that may write to the exchange may send anything to the proxies' queues. */
class BrokerMessageFuzzTest {

    private static final UUID ID = new UUID(1, 2);

    @Test
    void anyBytesAreADigestThatCanBeSentOnOrNone() {
        Fuzz.of("all\na.example.org 1763932395000 " + ID + "\nb.example.org 7 -", "some\na.example.org 1763932395000 -")
                .words("all", "some", "\n", " ", "-", ID.toString(), "\nc.example.org 5 -")
                .each(10_000, (input, random) -> {
                    Optional<Digest> digest = Digest.decode(input);

                    digest.ifPresent(
                            read -> assertThat(Digest.decode(read.encode())).contains(read));
                });
    }

    @Test
    void anyPropertiesGiveALabelThatCanBeSentOn() {
        BasicProperties good = MessageProperties.announcement(
                        ID, Instant.parse("2026-11-23T21:13:15Z"), Optional.of("0123456789abcdef"))
                .asCopy()
                .toProperties();
        List<String> names = List.copyOf(good.getHeaders().keySet());
        Fuzz.of(ID.toString(), "0123456789abcdef", "\u007f\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff")
                .each(10_000, (input, random) -> {
                    MessageProperties properties = MessageProperties.of(properties(good, names, input, random));

                    assertThat(MessageProperties.of(properties.toProperties())).isEqualTo(properties);
                    if (properties.announcedAtOrNull() != null) {
                        assertThat(properties
                                        .announcedAtOrNull()
                                        .plusSeconds(1_000_000)
                                        .toEpochMilli())
                                .isPositive();
                    }
                });
    }

    private static BasicProperties properties(BasicProperties good, List<String> names, byte[] input, Random random) {
        Map<String, Object> headers = new HashMap<>(good.getHeaders());
        names.forEach(name -> {
            if (random.nextBoolean()) {
                headers.put(name, value(input, random));
            }
        });
        String text = new String(input, ISO_8859_1);
        return good.builder()
                .headers(random.nextInt(8) == 0 ? null : headers)
                .messageId(random.nextBoolean() ? text : good.getMessageId())
                .replyTo(random.nextBoolean() ? text : null)
                .appId(random.nextInt(8) == 0 ? text : good.getAppId())
                .timestamp(Date.from(Instant.ofEpochMilli(number(input))))
                .build();
    }

    private static Object value(byte[] input, Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> number(input);
            case 1 -> (int) number(input);
            case 2 -> List.of(Map.of("a", List.of(number(input))));
            case 3 -> input;
            case 4 -> random.nextLong();
            default -> new String(input, ISO_8859_1);
        };
    }

    private static long number(byte[] input) {
        return ByteBuffer.wrap(Arrays.copyOf(input, 8)).getLong();
    }
}
