package io.jenkins.plugins.cvmfs.notify.client.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.jenkins.plugins.cvmfs.notify.client.Mutations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyTest {

    @Test
    void theServicesRepliesAreRead() {
        assertThat(Reply.parse(Replies.bytes(Replies.PUBLISHED)))
                .hasValueSatisfying(reply -> assertThat(reply.isOk()).isTrue());
        assertThat(Reply.parse(Replies.bytes(Replies.INVALID_MESSAGE))).hasValue(new Reply("error", "invalid_message"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<html>", "[]", "{}", "{\"status\":200}", "{\"type\":\"activity\"}"})
    void anythingElseIsNoReply(String text) {
        assertThat(Reply.parse(text.getBytes(UTF_8))).isEmpty();
    }

    @Test
    void damagedRepliesAreReadOrNot() {
        for (byte[] damaged : Mutations.of(Replies.bytes(Replies.INVALID_MESSAGE), 10_000, 8)) {
            assertThatNoException().isThrownBy(() -> Reply.parse(damaged));
        }
    }
}
