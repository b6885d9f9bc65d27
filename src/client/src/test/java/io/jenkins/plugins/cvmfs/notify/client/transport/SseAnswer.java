package io.jenkins.plugins.cvmfs.notify.client.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;

/** Writes an answer of server-sent events, chunk by chunk. */
final class SseAnswer {

    static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n";

    private SseAnswer() {}

    /** Writes one chunk that holds this. */
    static void chunk(ScriptedConnection connection, String text) throws IOException {
        connection.write("%x\r\n%s\r\n".formatted(text.getBytes(UTF_8).length, text));
    }

    /** Writes an event without an id. */
    static void event(ScriptedConnection connection, String message) throws IOException {
        chunk(connection, "data: " + message + "\n\n");
    }

    /** Writes an event as notify-proxy does. */
    static void event(ScriptedConnection connection, String message, String id) throws IOException {
        chunk(connection, "data: %s\nid: %s\n\n".formatted(message, id));
    }

    /** Writes the last chunk: the stream ends cleanly. */
    static void end(ScriptedConnection connection) throws IOException {
        connection.write("0\r\n\r\n");
    }
}
