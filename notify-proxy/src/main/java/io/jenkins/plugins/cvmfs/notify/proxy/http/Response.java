package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A complete response, before it is framed.
 *
 * @param status the HTTP status, such as 200
 * @param headerLines further header lines, each ended by CR LF
 * @param contentType the body's media type; the server adds no charset
 * @param body sent as UTF-8; empty means that there is none
 * @param encodedBody the body in direct memory, for a response that many connections share; null if each connection encodes it
 */
public record Response(
        int status,
        String headerLines,
        String contentType,
        String body,
        @Nullable ByteBuffer encodedBody) {

    private static final String TAG = "ETag: ";
    private static final int MAX_DETAIL_LENGTH = 300;

    public Response(int status, String contentType, String body) {
        this(status, "", contentType, body, null);
    }

    public static Response json(int status, String body) {
        return new Response(status, "application/json", body);
    }

    /**
     * Returns an error in JSON.
     *
     * @param reason one of few fixed words, for programs
     */
    public static Response error(int status, String reason) {
        return json(status, errorBody(reason));
    }

    /** Returns the body that all errors have. */
    static String errorBody(String reason) {
        return "{\"reason\":\"%s\",\"status\":\"error\"}".formatted(reason);
    }

    public static Response empty(int status) {
        return new Response(status, "", "");
    }

    /** Adds a header. */
    public Response with(String header, String value) {
        return new Response(status, headerLines + header + ": " + value + "\r\n", contentType, body, encodedBody);
    }

    public Response withBody(String json) {
        return new Response(status, headerLines, contentType, json, null);
    }

    /** Explains an error to people, in a header, since the bodies of errors are fixed. */
    public Response withDetail(String detail) {
        String line = detail.replaceAll("[^\\x20-\\x7e]", "?");
        return with("X-Cvmfs-Notify-Detail", line.substring(0, Math.min(line.length(), MAX_DETAIL_LENGTH)));
    }

    /** Returns a tag, for the header {@code ETag}, of what a response says. */
    public static String tag(String content) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content.getBytes(UTF_8));
            return "\"" + HexFormat.of().formatHex(digest, 0, 8) + "\"";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    /** Returns 304 if the client has named the ETag of this response, or this. */
    public Response unlessKnownTo(Request request) {
        String known = request.headers().get(HttpHeaderNames.IF_NONE_MATCH);
        if (known == null || status != 200) {
            return this;
        }
        boolean isKnown = headerLines
                .lines()
                .filter(line -> line.startsWith(TAG))
                .anyMatch(line -> contains(known, strong(line.substring(TAG.length()))));
        return isKnown ? new Response(304, headerLines, "", "", null) : this;
    }

    /** Returns true if a list of tags, weak or strong, contains this one or matches all. */
    private static boolean contains(String tags, String tag) {
        return Arrays.stream(tags.split(",", -1))
                .map(one -> strong(one.strip()))
                .anyMatch(one -> one.equals(tag) || one.equals("*"));
    }

    private static String strong(String tag) {
        return tag.startsWith("W/") ? tag.substring(2) : tag;
    }

    /** Encodes the body for all connections that will share it. Errors are framed in other ways, and stay as they are. */
    Response encoded() {
        if (isError() || body.isEmpty()) {
            return this;
        }
        byte[] bytes = body.getBytes(UTF_8);
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        return new Response(status, headerLines, contentType, body, direct);
    }

    /** The length of the body in bytes. */
    int length() {
        return encodedBody == null ? ByteBufUtil.utf8Bytes(body) : encodedBody.remaining();
    }

    boolean isError() {
        return status >= 400;
    }
}
