package io.jenkins.plugins.cvmfs.notify.client.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.jenkins.plugins.cvmfs.notify.client.Mutations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerReplyTest {

    @Test
    void theServicesRepliesAreRead() {
        assertThat(ServerReply.parse(ServerReply.PUBLISHED.getBytes(UTF_8)))
                .hasValueSatisfying(reply -> assertThat(reply.isOk()).isTrue());
        assertThat(ServerReply.parse(ServerReply.INVALID_MESSAGE.getBytes(UTF_8)))
                .hasValue(new ServerReply("error", "invalid_message"));
    }

    @Test
    void theRepliesAreTheOriginalServicesByteForByte() {
        assertThat(ServerReply.PUBLISHED).isEqualTo("{\"status\":\"ok\"}");
        assertThat(ServerReply.INVALID_MESSAGE).isEqualTo("{\"reason\":\"invalid_message\",\"status\":\"error\"}");
        assertThat(ServerReply.NOT_JSON).isEqualTo("{\"reason\":\"message is not valid JSON\",\"status\":\"error\"}");
        assertThat(ServerReply.INVALID_SUBSCRIPTION)
                .isEqualTo("{\"reason\":\"invalid subscription message\",\"status\":\"error\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<html>", "[]", "{}", "{\"status\":200}", "{\"type\":\"activity\"}"})
    void anythingElseIsNoReply(String text) {
        assertThat(ServerReply.parse(text.getBytes(UTF_8))).isEmpty();
    }

    @Test
    void damagedRepliesAreReadOrNot() {
        for (byte[] damaged : Mutations.of(ServerReply.INVALID_MESSAGE.getBytes(UTF_8), 10_000, 8)) {
            assertThatNoException().isThrownBy(() -> ServerReply.parse(damaged));
        }
    }
}
