package io.jenkins.plugins.cvmfs.notify.proxy.frontend;

/** A whole request. */
final class Request {

    private final RequestHead head;
    private final byte[] body;

    Request(RequestHead head, byte[] body) {
        this.head = head;
        this.body = body;
    }

    RequestHead head() {
        return head;
    }

    RequestTarget target() {
        return head.target();
    }

    /** The decoded body; empty if there was none. Not copied: whoever handles the request may keep it. */
    byte[] body() {
        return body;
    }
}
