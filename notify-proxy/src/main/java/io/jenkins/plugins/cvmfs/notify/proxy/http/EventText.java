package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;

/** What is said on an event stream beside announcements, framed as the client's version of HTTP wants it. */
enum EventText {
    /** For HTTP/1.1: each text is a chunk. */
    CHUNKED,
    /** For HTTP/1.0. */
    PLAIN;

    /** After a lost connection a browser tries again this soon, in milliseconds. */
    static final String RETRY = "retry: 1000\n\n";

    /** Means nothing; only breaks the silence. */
    static final String COMMENT = ":\n\n";

    static EventText of(RequestHead head) {
        return head.isHttp10() ? PLAIN : CHUNKED;
    }

    byte[] framed(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        if (this == PLAIN) {
            return bytes;
        }
        ByteArrayOutputStream chunk = new ByteArrayOutputStream(bytes.length + 12);
        chunk.writeBytes((Integer.toHexString(bytes.length) + "\r\n").getBytes(US_ASCII));
        chunk.writeBytes(bytes);
        chunk.writeBytes("\r\n".getBytes(US_ASCII));
        return chunk.toByteArray();
    }

    /** What ends the stream cleanly. */
    byte[] end() {
        return (this == CHUNKED ? "0\r\n\r\n" : "").getBytes(US_ASCII);
    }
}
