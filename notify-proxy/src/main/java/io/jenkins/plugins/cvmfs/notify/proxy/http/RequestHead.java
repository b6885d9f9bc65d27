package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.util.Iterator;
import java.util.List;

/**
 * The request line and the headers.
 *
 * @param answerLines header lines that every answer to it has besides its own, each ended by CR LF
 */
record RequestHead(
        HttpMethod method, RequestTarget target, HttpVersion version, HttpHeaders headers, String answerLines) {

    /**
     * Reads the head of a request that the decoder has accepted.
     *
     * @throws InvalidRequestException if the target cannot be read, the one Host header of HTTP/1.1 is missing, or the body is framed in
     *     another way than by its length or as chunks
     */
    static RequestHead of(HttpRequest request) {
        HttpVersion version = request.protocolVersion();
        int hosts = count(request.headers().valueCharSequenceIterator(HttpHeaderNames.HOST));
        if (hosts > 1 || (hosts == 0 && version.equals(HttpVersion.HTTP_1_1))) {
            throw new InvalidRequestException("a request must have one Host header, this one has " + hosts);
        }
        requirePlainFraming(request);
        return new RequestHead(request.method(), RequestTarget.parse(request.uri()), version, request.headers(), "");
    }

    /** Other transfer codings, or the same twice, are what a proxy in front could take for another length. */
    private static void requirePlainFraming(HttpRequest request) {
        if (!request.headers().contains(HttpHeaderNames.TRANSFER_ENCODING)) {
            return;
        }
        List<String> codings = request.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
        boolean chunked = codings.size() == 1 && codings.get(0).strip().equalsIgnoreCase("chunked");
        if (!chunked || !request.protocolVersion().equals(HttpVersion.HTTP_1_1)) {
            throw new InvalidRequestException("the only Transfer-Encoding understood is one 'chunked', with HTTP/1.1");
        }
    }

    private static int count(Iterator<?> values) {
        int count = 0;
        while (values.hasNext()) {
            var unused = values.next();
            count++;
        }
        return count;
    }

    RequestHead withAnswerLines(String lines) {
        return new RequestHead(method, target, version, headers, lines);
    }

    boolean isHttp10() {
        return version.compareTo(HttpVersion.HTTP_1_1) < 0;
    }

    boolean isHead() {
        return method.equals(HttpMethod.HEAD);
    }

    /** Whether the client wants to send a further request on the connection. */
    boolean keepsAlive() {
        boolean close = headers.containsValue(HttpHeaderNames.CONNECTION, "close", true);
        boolean keep = headers.containsValue(HttpHeaderNames.CONNECTION, "keep-alive", true);
        return !close && (keep || !isHttp10());
    }

    /** Whether a body follows, as far as the head tells. */
    boolean announcesBody() {
        return headers.contains(HttpHeaderNames.TRANSFER_ENCODING) || contentLength() > 0;
    }

    /** The body's length in bytes as announced; 0 if it is not. The decoder has made sure that it is a number. */
    long contentLength() {
        String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
        return length == null ? 0 : Long.parseLong(length);
    }

    boolean expectsContinue() {
        return !isHttp10() && "100-continue".equalsIgnoreCase(headers.get(HttpHeaderNames.EXPECT));
    }

    boolean hasOtherExpectation() {
        return headers.contains(HttpHeaderNames.EXPECT)
                && !"100-continue".equalsIgnoreCase(headers.get(HttpHeaderNames.EXPECT));
    }

    /** Whether the client is one of CernVM-FS in C++, which reads answers in its own way. */
    boolean isFromCvmfs() {
        String agent = headers.get(HttpHeaderNames.USER_AGENT);
        return agent != null && agent.startsWith("cvmfs/");
    }
}
