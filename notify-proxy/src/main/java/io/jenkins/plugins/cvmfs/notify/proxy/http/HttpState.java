package io.jenkins.plugins.cvmfs.notify.proxy.http;

/** Where an HTTP connection stands. {@link HttpConnection} makes the moves; each state has what is known in it. */
sealed interface HttpState {

    /** No request has begun: the connection is new, or the last answer has been written. */
    record Idle() implements HttpState {}

    /** The first bytes of a request have come, but not its whole head. */
    record ReceivingHead() implements HttpState {}

    /** The head was accepted, its body is coming. */
    record ReceivingBody(RequestHead head, Route resource, RequestBody body) implements HttpState {}

    /** The resource has the whole request. What comes meanwhile waits. */
    record Answering(RequestHead head, Route resource) implements HttpState {}

    /**
     * The answer is written, but the client has not taken all of it yet. What comes meanwhile waits.
     *
     * @param close whether the connection ends after it
     */
    record Sending(boolean close) implements HttpState {}

    /** No further request is taken: the last answer is on its way, or the connection speaks something else now. */
    record Ended() implements HttpState {}
}
