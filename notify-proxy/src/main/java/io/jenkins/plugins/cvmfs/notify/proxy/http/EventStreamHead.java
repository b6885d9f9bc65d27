package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** The head of the answer that begins an event stream: chunked, or for HTTP/1.0 until the connection ends. */
final class EventStreamHead {

    private static final String LINES =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n";

    private EventStreamHead() {}

    static byte[] of(RequestHead request) {
        String framing = request.isHttp10() ? "Connection: close\r\n" : "Transfer-Encoding: chunked\r\n";
        return (LINES + framing + request.answerLines() + "\r\n").getBytes(US_ASCII);
    }
}
