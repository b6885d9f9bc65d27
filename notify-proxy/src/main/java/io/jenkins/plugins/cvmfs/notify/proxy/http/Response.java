package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.netty.handler.codec.http.HttpResponseStatus;

/**
 * A whole answer, before it is known how it will be framed.
 *
 * @param headerLines further header lines, each ended by CR LF
 * @param contentType the body's media type
 * @param body sent as UTF-8; empty means that there is none
 */
record Response(HttpResponseStatus status, String headerLines, String contentType, String body) {

    private static final int LONGEST_DETAIL = 300;

    static Response json(HttpResponseStatus status, String body) {
        return new Response(status, "", "application/json", body);
    }

    /** @param reason one of few fixed words, for programs */
    static Response error(HttpResponseStatus status, String reason) {
        return json(status, errorBody(reason));
    }

    /** The form all errors have. */
    static String errorBody(String reason) {
        return "{\"reason\":\"%s\",\"status\":\"error\"}".formatted(reason);
    }

    /** An answer without a body. */
    static Response empty(HttpResponseStatus status) {
        return new Response(status, "", "", "");
    }

    Response with(String header, String value) {
        return new Response(status, headerLines + header + ": " + value + "\r\n", contentType, body);
    }

    /** Returns the same answer with another body. */
    Response withBody(String json) {
        return new Response(status, headerLines, contentType, json);
    }

    /** Explains an error in plain words, in a header, because the bodies of errors are fixed. */
    Response withDetail(String detail) {
        String line = detail.replaceAll("[^\\x20-\\x7e]", "?");
        return with("X-Cvmfs-Notify-Detail", line.substring(0, Math.min(line.length(), LONGEST_DETAIL)));
    }

    boolean isError() {
        return status.code() >= 400;
    }
}
