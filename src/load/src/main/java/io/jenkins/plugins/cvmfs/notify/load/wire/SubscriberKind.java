package io.jenkins.plugins.cvmfs.notify.load.wire;

/** The kinds of subscribers that a server may have. */
public enum SubscriberKind {
    WEB_SOCKET,
    EVENTS_BY_QUERY,
    EVENTS_BY_BODY;

    /** What reads the answer after its head. */
    public StreamParser parser(String head) {
        return this == WEB_SOCKET
                ? new WebSocketFrames()
                : new EventStream(head.toLowerCase(java.util.Locale.ROOT).contains("transfer-encoding: chunked"));
    }
}
