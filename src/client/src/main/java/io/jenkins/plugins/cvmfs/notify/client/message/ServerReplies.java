package io.jenkins.plugins.cvmfs.notify.client.message;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** The fixed answers of the service, byte for byte as the original service gives them. */
public final class ServerReplies {

    /** To a publish that was accepted and confirmed. */
    public static final String PUBLISHED = "{\"status\":\"ok\"}";

    /** To a publish that is no activity message. */
    public static final String INVALID_MESSAGE = "{\"reason\":\"invalid_message\",\"status\":\"error\"}";

    /** To a WebSocket message that is no JSON. */
    public static final String NOT_JSON = "{\"reason\":\"message is not valid JSON\",\"status\":\"error\"}";

    /** To a WebSocket message that is JSON but no subscription. */
    public static final String INVALID_SUBSCRIPTION =
            "{\"reason\":\"invalid subscription message\",\"status\":\"error\"}";

    private ServerReplies() {}

    /** The reply's bytes on the wire. */
    public static byte[] bytes(String reply) {
        return reply.getBytes(US_ASCII);
    }
}
