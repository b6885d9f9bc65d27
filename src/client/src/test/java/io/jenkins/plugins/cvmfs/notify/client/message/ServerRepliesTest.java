package io.jenkins.plugins.cvmfs.notify.client.message;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ServerRepliesTest {

    @Test
    void theRepliesAreTheOriginalServicesByteForByte() {
        assertReply(ServerReplies.PUBLISHED, "{\"status\":\"ok\"}");
        assertReply(ServerReplies.INVALID_MESSAGE, "{\"reason\":\"invalid_message\",\"status\":\"error\"}");
        assertReply(ServerReplies.NOT_JSON, "{\"reason\":\"message is not valid JSON\",\"status\":\"error\"}");
        assertReply(
                ServerReplies.INVALID_SUBSCRIPTION,
                "{\"reason\":\"invalid subscription message\",\"status\":\"error\"}");
    }

    private static void assertReply(String reply, String golden) {
        assertThat(ServerReplies.bytes(reply)).isEqualTo(golden.getBytes(US_ASCII));
    }
}
