package io.jenkins.plugins.cvmfs.notify.proxy.subscribe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.MessageFormatException;
import org.junit.jupiter.api.Test;

class SubscribeMessageCacheTest {

    private final SubscribeMessageCache reader = new SubscribeMessageCache();

    @Test
    void whoSendsTheSameBytesSharesOneName() {
        RepositoryName first = reader.repository(subscription("atlas.cern.ch"));

        assertThat(reader.repository(subscription("atlas.cern.ch"))).isSameAs(first);
    }

    @Test
    void whatTakesThePlaceOfAnotherIsNotTakenForIt() {
        for (int i = 0; i < 3 * SubscribeMessageCache.SIZE; i++) {
            String name = "r%d.example.org".formatted(i);

            assertThat(reader.repository(subscription(name)).value()).isEqualTo(name);
        }
        assertThat(reader.repository(subscription("r0.example.org")).value()).isEqualTo("r0.example.org");
    }

    @Test
    void bytesOfOneHashAreNotTakenForEachOther() {
        // "Aa" and "BB" have the same hash, and so have all texts that differ in these only.
        RepositoryName one = reader.repository(subscription("Aa.example.org"));
        RepositoryName other = reader.repository(subscription("BB.example.org"));

        assertThat(one.value()).isEqualTo("Aa.example.org");
        assertThat(other.value()).isEqualTo("BB.example.org");
    }

    @Test
    void aLongOneIsReadEachTime() {
        byte[] padded = (" ".repeat(SubscribeMessageCache.MAX_MESSAGE_BYTES)
                        + new String(subscription("atlas.cern.ch"), UTF_8))
                .getBytes(UTF_8);

        RepositoryName first = reader.repository(padded);

        assertThat(reader.repository(padded)).isEqualTo(first).isNotSameAs(first);
    }

    @Test
    void whatIsNoSubscriptionIsRefusedEachTime() {
        byte[] message = "{\"version\":1}".getBytes(UTF_8);

        for (int time = 0; time < 2; time++) {
            assertThatThrownBy(() -> reader.repository(message)).isInstanceOf(MessageFormatException.class);
        }
    }

    private static byte[] subscription(String repository) {
        return "{\"version\":1,\"repository\":\"%s\"}".formatted(repository).getBytes(UTF_8);
    }
}
