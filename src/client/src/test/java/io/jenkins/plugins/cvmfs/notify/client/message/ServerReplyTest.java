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
        assertThat(ServerReply.parse(ServerReplies.bytes(ServerReplies.PUBLISHED)))
                .hasValueSatisfying(reply -> assertThat(reply.isOk()).isTrue());
        assertThat(ServerReply.parse(ServerReplies.bytes(ServerReplies.INVALID_MESSAGE)))
                .hasValue(new ServerReply("error", "invalid_message"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<html>", "[]", "{}", "{\"status\":200}", "{\"type\":\"activity\"}"})
    void anythingElseIsNoReply(String text) {
        assertThat(ServerReply.parse(text.getBytes(UTF_8))).isEmpty();
    }

    @Test
    void damagedRepliesAreReadOrNot() {
        for (byte[] damaged : Mutations.of(ServerReplies.bytes(ServerReplies.INVALID_MESSAGE), 10_000, 8)) {
            assertThatNoException().isThrownBy(() -> ServerReply.parse(damaged));
        }
    }
}
