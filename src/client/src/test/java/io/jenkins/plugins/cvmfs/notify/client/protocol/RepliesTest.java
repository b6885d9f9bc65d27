package io.jenkins.plugins.cvmfs.notify.client.protocol;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RepliesTest {

    @Test
    void theRepliesAreTheOriginalServicesByteForByte() {
        assertReply(Replies.PUBLISHED, "{\"status\":\"ok\"}");
        assertReply(Replies.INVALID_MESSAGE, "{\"reason\":\"invalid_message\",\"status\":\"error\"}");
        assertReply(Replies.NOT_JSON, "{\"reason\":\"message is not valid JSON\",\"status\":\"error\"}");
        assertReply(Replies.INVALID_SUBSCRIPTION, "{\"reason\":\"invalid subscription message\",\"status\":\"error\"}");
    }

    private static void assertReply(String reply, String golden) {
        assertThat(Replies.bytes(reply)).isEqualTo(golden.getBytes(US_ASCII));
    }
}
