package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.proxy.access.Peer;

/** A whole request. */
final class Request {

    private final RequestHead head;
    private final byte[] body;
    private final Peer peer;

    Request(RequestHead head, byte[] body, Peer peer) {
        this.head = head;
        this.body = body;
        this.peer = peer;
    }

    RequestHead head() {
        return head;
    }

    RequestTarget target() {
        return head.target();
    }

    /** Who sent it. */
    Peer peer() {
        return peer;
    }

    /** The decoded body; empty if there was none. Not copied: whoever handles the request may keep it. */
    byte[] body() {
        return body;
    }
}
