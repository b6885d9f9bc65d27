package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;

/** What is said to bytes that are no request. */
final class MalformedRequests {

    private MalformedRequests() {}

    /** @param cause what the decoder found */
    static Response answer(Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            return Response.error(HttpResponseStatus.REQUEST_URI_TOO_LONG, "request_line_too_long");
        }
        if (cause instanceof TooLongHttpHeaderException) {
            return Response.error(HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "headers_too_long");
        }
        return Response.error(HttpResponseStatus.BAD_REQUEST, "malformed_request");
    }
}
