package io.jenkins.plugins.cvmfs.notify.proxy.http;

/**
 * A complete response, before it is framed.
 *
 * @param status the HTTP status, such as 200
 * @param headerLines further header lines, each ended by CR LF
 * @param contentType the body's media type; the server adds no charset
 * @param body sent as UTF-8; empty means that there is none
 */
public record Response(int status, String headerLines, String contentType, String body) {

    private static final int MAX_DETAIL_LENGTH = 300;

    public Response(int status, String contentType, String body) {
        this(status, "", contentType, body);
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
        return new Response(status, headerLines + header + ": " + value + "\r\n", contentType, body);
    }

    public Response withBody(String json) {
        return new Response(status, headerLines, contentType, json);
    }

    /** Explains an error to people, in a header, since the bodies of errors are fixed. */
    public Response withDetail(String detail) {
        String line = detail.replaceAll("[^\\x20-\\x7e]", "?");
        return with("X-Cvmfs-Notify-Detail", line.substring(0, Math.min(line.length(), MAX_DETAIL_LENGTH)));
    }

    boolean isError() {
        return status >= 400;
    }
}
